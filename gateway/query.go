package main

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// checkQuery refuses parameters that the route does not have, that come twice,
// or whose form grpc-gateway would read more freely than the API promises
// (octal and hexadecimal numbers, enums by number).
func checkQuery(rawQuery string, route *route) *problem {
	if rawQuery == "" {
		return nil
	}
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return newProblem(http.StatusBadRequest, "MALFORMED_QUERY", "The query string is not well formed.")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		field := queryField(name, route)
		if field == nil {
			return unknownParameter(name)
		}
		if message := checkParameter(query[name], field); message != "" {
			return fieldProblem(invalidCode(field), name, message)
		}
	}
	return nil
}

// queryField returns nil if the route has no such parameter.
func queryField(name string, route *route) protoreflect.FieldDescriptor {
	if !route.isRead() || strings.Contains(route.pattern, "/{"+name+"}") || route.request == nil {
		return nil
	}
	return fieldsOf(route.request).ByName(protoreflect.Name(name))
}

func fieldsOf(message proto.Message) protoreflect.FieldDescriptors {
	return message.ProtoReflect().Descriptor().Fields()
}

func unknownParameter(name string) *problem {
	name = strings.ToValidUTF8(name, "\uFFFD")
	return fieldProblem("UNKNOWN_PARAMETER", name, "is not a parameter of this route")
}

// checkParameter returns what is wrong, or "".
func checkParameter(values []string, field protoreflect.FieldDescriptor) string {
	if len(values) != 1 {
		return "may be given once"
	}
	value := values[0]
	switch field.Kind() {
	case protoreflect.Int32Kind:
		n, err := strconv.ParseInt(value, 10, 32)
		if err != nil || strconv.FormatInt(n, 10) != value {
			return "must be a decimal integer"
		}
	case protoreflect.EnumKind:
		known := field.Enum().Values().ByName(protoreflect.Name(value))
		if known == nil || known.Number() == 0 {
			return "must be one of " + enumNames(field.Enum())
		}
	case protoreflect.StringKind:
		if !utf8.ValidString(value) {
			return "must be UTF-8"
		}
	default:
		return "cannot be given as a parameter"
	}
	return ""
}

// enumNames leaves the zero value out: it stands for "not given".
func enumNames(enum protoreflect.EnumDescriptor) string {
	var names []string
	for i := range enum.Values().Len() {
		if value := enum.Values().Get(i); value.Number() != 0 {
			names = append(names, string(value.Name()))
		}
	}
	return strings.Join(names, ", ")
}

// invalidCode is the reason for a bad value of the field: INVALID_PAGE_SIZE.
func invalidCode(field protoreflect.FieldDescriptor) string {
	return "INVALID_" + strings.ToUpper(string(field.Name()))
}
