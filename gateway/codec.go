package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/proto"
)

// codec is how grpc-gateway gets requests and gives replies. Requests arrive
// decoded: every check of a body comes before the mux (see front.go).
type codec struct{}

var _ runtime.Marshaler = codec{}

// decodedBody stands as http.Request.Body between front.go and codec.
type decodedBody struct {
	message proto.Message
}

func (decodedBody) Read([]byte) (int, error) { return 0, io.EOF }
func (decodedBody) Close() error             { return nil }

func (codec) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		body, ok := r.(decodedBody)
		if !ok {
			return errors.New("the body was not decoded")
		}
		proto.Merge(v.(proto.Message), body.message)
		return nil
	})
}

func (codec) Unmarshal(data []byte, v any) error {
	if p := decodeJSON(data, v.(proto.Message)); p != nil {
		return errors.New(p.detail)
	}
	return nil
}

func (codec) Marshal(v any) ([]byte, error) {
	message, ok := v.(proto.Message)
	if !ok {
		return nil, fmt.Errorf("%T is not a message", v)
	}
	return appendMessage(make([]byte, 0, 512), message.ProtoReflect())
}

func (c codec) NewEncoder(w io.Writer) runtime.Encoder {
	return runtime.EncoderFunc(func(v any) error {
		data, err := c.Marshal(v)
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
}

func (codec) ContentType(any) string { return "application/json" }
