package main

import (
	"encoding/json"
	"math/big"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	ordersv1 "orderspayments/gen/orders/v1"
	paymentsv1 "orderspayments/gen/payments/v1"
)

func TestEncodingIsTheGoldenOne(t *testing.T) {
	const most = 1<<53 - 1
	orderOf := "018f0000-0000-7000-8000-000000000001"
	at := &timestamppb.Timestamp{Seconds: 1735689600, Nanos: 123456000}
	messages := []proto.Message{
		&ordersv1.Order{
			Id: orderOf, UserId: "u1", Amount: most, Status: ordersv1.Order_CANCELLED,
			CancelReason: ordersv1.Order_INSUFFICIENT_FUNDS, CreateTime: at, UpdateTime: at,
		},
		&ordersv1.ListOrdersResponse{},
		&ordersv1.ListOrdersResponse{
			Orders:        []*ordersv1.Order{{Id: "a", Description: "\"<кофе>\"\n☕\u2028"}, {Id: "b", Status: ordersv1.Order_FINISHED}},
			NextPageToken: "t",
		},
		&paymentsv1.Account{UserId: "u1", CreateTime: &timestamppb.Timestamp{Seconds: 1735689600}},
		&paymentsv1.Balance{UserId: "u1"},
		&paymentsv1.ListTransactionsResponse{Transactions: []*paymentsv1.Transaction{
			{Id: "a", Kind: paymentsv1.Transaction_CHARGE, Amount: 1, OrderId: &orderOf, CreateTime: at},
			{Id: "b", Kind: paymentsv1.Transaction_TOP_UP, Amount: 1, BalanceAfter: 1, CreateTime: at},
		}},
	}
	var lines []string
	for _, message := range messages {
		data, err := codec{}.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(data) {
			t.Errorf("not JSON: %s", data)
		}
		lines = append(lines, string(data))
	}
	golden, err := os.ReadFile("testdata/encoding.golden.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range strings.Split(strings.TrimSuffix(string(golden), "\n"), "\n") {
		if i >= len(lines) || lines[i] != want {
			t.Errorf("line %d\n got %s\nwant %s", i+1, strings.Join(lines[i:min(i+1, len(lines))], ""), want)
		}
	}
}

func TestEveryFieldOfTheAPIHasAJSONForm(t *testing.T) {
	for _, file := range []protoreflect.FileDescriptor{ordersv1.File_orders_v1_orders_proto, paymentsv1.File_payments_v1_payments_proto} {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				checkJSONForms(t, methods.Get(j).Output())
			}
		}
	}
}

func checkJSONForms(t *testing.T, message protoreflect.MessageDescriptor) {
	t.Helper()
	if message.FullName() == "google.protobuf.Timestamp" {
		return
	}
	for i := range message.Fields().Len() {
		switch field := message.Fields().Get(i); field.Kind() {
		case protoreflect.MessageKind:
			checkJSONForms(t, field.Message())
		case protoreflect.StringKind, protoreflect.EnumKind, protoreflect.Int32Kind, protoreflect.Int64Kind:
		default:
			t.Errorf("%s: %v", field.FullName(), field.Kind())
		}
	}
}

func TestParseIntegerIsExactAtTheEdges(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "0.000": "0", "0e999999999999999999999": "0", "-0.0E-5": "0",
		"9223372036854775807": "9223372036854775807", "-9223372036854775808": "-9223372036854775808",
		"9223372036854775808": "", "-9223372036854775809": "", "92233720368547758.07e2": "9223372036854775807",
		"1e18": "1000000000000000000", "1e19": "", "1E+2": "100", "120e-1": "12", "121e-1": "", "0.5": "", "5e-1": "",
		"1e999999999": "", "1e-999999999": "", "1e99999999999999999999": "", "-1e-99999999999999999999": "",
		"1" + strings.Repeat("0", 60000) + "e-60000": "1", "0." + strings.Repeat("0", 60000) + "1e60001": "1",
	} {
		got, ok := parseInteger([]byte(text))
		if ok != (want != "") || ok && big.NewInt(got).String() != want {
			t.Errorf("%.40s: got %d, %v, want %q", text, got, ok, want)
		}
	}
}

// FuzzDecodeJSON holds the decoder against encoding/json and exact arithmetic:
// what it accepts is JSON and means what it says; it never panics.
func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{
		`{"amount":100,"description":"coffee"}`, `{"amount":1e3}`, `{"amount":100.0}`, `{"amount":-12.50e1}`,
		`{"amount":1e999999999}`, `{"amount":null,"description":null}`, `{"amount":1,"amount":2}`, `{"x":[{}]}`, `[]`, ``,
		`{"description":"\u00e9\ud83d\ude00"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got ordersv1.CreateOrderRequest
		if p := decodeJSON(data, &got); p != nil {
			if p.status != 400 || p.code == "" {
				t.Errorf("%+v", p)
			}
			return
		}
		var want struct {
			Amount      json.Number
			Description string
		}
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatalf("accepted %q: %v", data, err)
		}
		if got.GetDescription() != want.Description {
			t.Errorf("description %q, want %q", got.GetDescription(), want.Description)
		}
		if len(want.Amount) > 40 || strings.ContainsAny(want.Amount.String(), "eE") {
			return // big.Rat would spell out the exponent's zeros.
		}
		exact, ok := new(big.Rat).SetString("0" + strings.TrimPrefix(want.Amount.String(), "-"))
		if !ok || new(big.Rat).Abs(new(big.Rat).SetInt64(got.GetAmount())).Cmp(exact) != 0 {
			t.Errorf("amount %d, want %s", got.GetAmount(), want.Amount)
		}
	})
}
