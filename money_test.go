package b24_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24"
)

func TestMoneyDecode(t *testing.T) {
	t.Parallel()
	checkSpellings(t, b24.Money{Amount: "1", Currency: "before"}, []spelling[b24.Money]{
		{`"300|USD"`, b24.Money{Amount: "300", Currency: "USD"}},
		{`" 300.50 | USD "`, b24.Money{Amount: "300.50", Currency: "USD"}},
		{`"-0.10|BYN"`, b24.Money{Amount: "-0.10", Currency: "BYN"}},
		{`"|EUR"`, b24.Money{Currency: "EUR"}},
		{`"300|"`, b24.Money{Amount: "300"}},
		{`"300"`, b24.Money{Amount: "300"}},
		{`300.10`, b24.Money{Amount: "300.10"}},
		{`"1|A|B"`, b24.Money{Amount: "1", Currency: "A|B"}},
		{`"|"`, b24.Money{}},
		{`""`, b24.Money{}},
		{`null`, b24.Money{}},
		{`false`, b24.Money{}},
		{`[]`, b24.Money{}},
		{`{}`, b24.Money{}},
	})
	checkRefused(t, "Money", b24.Money{Amount: "1"}, `true`, `["300|USD"]`, `{"amount":1}`)
}

func TestMoneyEncode(t *testing.T) {
	t.Parallel()
	checkEncoded(t, b24.Money{Amount: "300", Currency: "USD"}, `"300|USD"`)
	checkEncoded(t, b24.Money{Currency: "EUR"}, `"|EUR"`)
	checkEncoded(t, b24.Money{Amount: "300"}, `"300"`)
	checkEncoded(t, b24.Money{}, `""`)
	checkEncoded(t, struct {
		M b24.Money `json:"m,omitzero"`
	}{}, `{}`)
	assert.Equal(t, "300|USD", b24.Money{Amount: "300", Currency: "USD"}.String())

	_, err := b24.Money{Amount: "3|0", Currency: "USD"}.MarshalText()
	assert.EqualError(t, err, `b24: Money: amount "3|0" holds a |`)
}
