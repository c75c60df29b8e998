package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// nextPageToken is absent on the last page rather than empty, so that clients
// can loop while it is there.
const nextPageToken = "next_page_token"

// appendMessage writes a message as JSON the way the API promises it: proto
// field names, integers as numbers, enums by their bare names, times as
// RFC 3339 UTC. Zero numbers, empty strings and empty lists are present; what
// was not set (optional fields, messages, enums, the next page) is absent.
func appendMessage(dst []byte, message protoreflect.Message) ([]byte, error) {
	if timestamp, ok := message.Interface().(*timestamppb.Timestamp); ok {
		dst = append(dst, '"')
		dst = timestamp.AsTime().AppendFormat(dst, time.RFC3339Nano)
		return append(dst, '"'), nil
	}
	fields := message.Descriptor().Fields()
	dst = append(dst, '{')
	empty := true
	for i := range fields.Len() {
		field := fields.Get(i)
		if isAbsent(message, field) {
			continue
		}
		if !empty {
			dst = append(dst, ',')
		}
		empty = false
		dst = append(dst, '"')
		dst = append(dst, field.Name()...)
		dst = append(dst, '"', ':')
		var err error
		if dst, err = appendField(dst, message.Get(field), field); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

func isAbsent(message protoreflect.Message, field protoreflect.FieldDescriptor) bool {
	mayBeAbsent := field.HasPresence() || field.Kind() == protoreflect.EnumKind || field.Name() == nextPageToken
	return mayBeAbsent && !field.IsList() && !message.Has(field)
}

func appendField(dst []byte, value protoreflect.Value, field protoreflect.FieldDescriptor) ([]byte, error) {
	if !field.IsList() {
		return appendValue(dst, value, field)
	}
	dst = append(dst, '[')
	list := value.List()
	for i := range list.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendValue(dst, list.Get(i), field); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

func appendValue(dst []byte, value protoreflect.Value, field protoreflect.FieldDescriptor) ([]byte, error) {
	switch field.Kind() {
	case protoreflect.Int32Kind, protoreflect.Int64Kind:
		return strconv.AppendInt(dst, value.Int(), 10), nil
	case protoreflect.StringKind:
		return jsontext.AppendQuote(dst, value.String())
	case protoreflect.EnumKind:
		known := field.Enum().Values().ByNumber(value.Enum())
		if known == nil {
			return nil, fmt.Errorf("%s: unknown value %d", field.FullName(), value.Enum())
		}
		return jsontext.AppendQuote(dst, string(known.Name()))
	case protoreflect.MessageKind:
		return appendMessage(dst, value.Message())
	default:
		return nil, fmt.Errorf("%s: the API has no JSON form of %v", field.FullName(), field.Kind())
	}
}
