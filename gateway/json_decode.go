package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// decodeJSON fills message from one JSON object, strictly: UTF-8, no name
// twice, nothing after the object, field names exactly as in the proto, and no
// unknown ones. null is the same as absent. Integers may be written in any way
// that denotes one (1e3, 100.0).
//
// A text that is not JSON at all is told before any fault of a field.
func decodeJSON(data []byte, message proto.Message) *problem {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(data))
	start, err := decoder.ReadToken()
	if err != nil || start.Kind() != '{' {
		return malformedJSON("The body must be a JSON object.")
	}
	var firstFault *problem
	for decoder.PeekKind() != '}' {
		name, err := decoder.ReadToken()
		if err != nil {
			return malformedJSON(describeSyntaxError(err))
		}
		fault, err := decodeField(decoder, name.String(), message.ProtoReflect())
		if err != nil {
			return malformedJSON(describeSyntaxError(err))
		}
		if firstFault == nil {
			firstFault = fault
		}
	}
	if _, err := decoder.ReadToken(); err != nil {
		return malformedJSON(describeSyntaxError(err))
	}
	if _, err := decoder.ReadToken(); err != io.EOF {
		return malformedJSON("Nothing may follow the JSON object.")
	}
	return firstFault
}

// decodeField consumes one value. The error is of the syntax.
func decodeField(decoder *jsontext.Decoder, name string, message protoreflect.Message) (*problem, error) {
	field := message.Descriptor().Fields().ByName(protoreflect.Name(name))
	if field == nil {
		return fieldProblem("UNKNOWN_FIELD", name, "is not a field of this request"), decoder.SkipValue()
	}
	kind := decoder.PeekKind()
	switch {
	case kind == 'n':
		return nil, decoder.SkipValue()
	case kind == '0' && field.Kind() == protoreflect.Int64Kind:
		number, err := decoder.ReadValue()
		if err != nil {
			return nil, err
		}
		n, ok := parseInteger(number)
		if !ok {
			return fieldProblem(invalidCode(field), name, "must be an integer of 64 bits"), nil
		}
		message.Set(field, protoreflect.ValueOfInt64(n))
		return nil, nil
	case kind == '"' && field.Kind() == protoreflect.StringKind:
		text, err := decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		message.Set(field, protoreflect.ValueOfString(text.String()))
		return nil, nil
	default:
		return fieldProblem(invalidCode(field), name, "must be "+jsonTypeName(field)), decoder.SkipValue()
	}
}

func jsonTypeName(field protoreflect.FieldDescriptor) string {
	if field.Kind() == protoreflect.StringKind {
		return "a JSON string"
	}
	return "a JSON number, an integer"
}

func malformedJSON(detail string) *problem {
	return newProblem(http.StatusBadRequest, "MALFORMED_JSON", detail)
}

func describeSyntaxError(err error) string {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return "A name occurs twice in one JSON object."
	}
	return "The body is not valid JSON in UTF-8."
}
