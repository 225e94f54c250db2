package b24test_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestCurrencies(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.currency", b24.Params{"CURRENCY": "USD", "BASE": "Y", "SORT": 200})
	walk(t, p, []step{
		{"crm.currency.add", `{"fields":{"CURRENCY":"dollar"}}`, `!The currency code must be three letters.`},
		{"crm.currency.add", `{"fields":{"CURRENCY":"USD"}}`, `!The currency USD already exists.`},
		{"crm.currency.add", `{"fields":{"CURRENCY":"eur","AMOUNT":"1.08","BASE":"Y","LANG":{"en":{"FULL_NAME":"Euro","DECIMALS":2},"de":{"FULL_NAME":"EUR"}}}}`, `"EUR"`},
		{"crm.currency.get", `{"id":"eur"}`, `{"CURRENCY":"EUR","AMOUNT":"1.0800","AMOUNT_CNT":"1","SORT":"100","BASE":"N","FULL_NAME":"Euro","LID":"en","LANG":{"de":{"FULL_NAME":"EUR"}}}`},
		{"crm.currency.get", `{"id":"CHF"}`, `!Not found`},
		{"crm.currency.get", `{"id":1}`, `!The parameter id is not string.`},
		{"crm.currency.get", `{}`, `!ID is not defined or invalid.`},
		{"crm.currency.list", `{}`, `[{"CURRENCY":"EUR"},{"CURRENCY":"USD"}]`},
		{"crm.currency.update", `{"id":"EUR","fields":{"CURRENCY":"CHF","AMOUNT":2,"LANG":{"en":{"FULL_NAME":"The euro"}}}}`, `true`},
		{"crm.currency.update", `{"id":"CHF","fields":{}}`, `!Currency is not found`},
		{"crm.currency.get", `{"id":"EUR"}`, `{"CURRENCY":"EUR","AMOUNT":"2.0000","FULL_NAME":"The euro","DECIMALS":"2","LANG":{"en":{"DECIMALS":"2"},"de":{"FULL_NAME":"EUR"}}}`},
		{"crm.currency.base.get", `{}`, `"USD"`},
		{"crm.currency.delete", `{"id":"USD"}`, `!Cannot delete base currency.`},
		{"crm.currency.base.set", `{"id":"EUR"}`, `true`},
		{"crm.currency.base.get", `{}`, `"EUR"`},
		{"crm.currency.delete", `{"id":"USD"}`, `true`},
		{"crm.currency.fields", `{}`, `{"CURRENCY":{"type":"string"},"BASE":{"type":"char","isReadOnly":true}}`},
	})
	assert.Len(t, p.Rows("crm.currency"), 1)
}
