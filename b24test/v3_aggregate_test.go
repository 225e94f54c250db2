package b24test_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/b24test"
)

func TestAggregateV3(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 4) // prices 1.5 2.5 - 4.5
	assert.Equal(t, "METHODNOTFOUNDEXCEPTION", codeOf(t, callV3(t, p, "shop.good.aggregate", `{"select":{"count":["id"]}}`)), "no portal has it by itself")
	p.V3().Define("shop.good", b24test.EntityV3{Methods: []string{"list", "aggregate"}})
	for body, want := range map[string]string{
		`{"select":{"count":["id"]}}`:                                `{"count":{"id":"4"}}`,
		`{"select":{"count":["price","name"],"max":"id"}}`:           `{"count":{"price":"3","name":"4"},"max":{"id":"4"}}`,
		`{"select":{"sum":{"price":"a","id":"b"}}}`:                  `{"sum":{"price":"8.5","id":"10"}}`,
		`{"select":{"avg":["id","price"],"min":["name"]}}`:           `{"avg":{"id":"2.5000","price":"2.83333"},"min":{"name":"good 01"}}`,
		`{"select":{"countDistinct":["groupId"],"sum":["name"]}}`:    `{"countDistinct":{"groupId":"2"},"sum":{"name":"0"}}`,
		`{"select":{"count":["id"]},"filter":["name","good 02"]}`:    `{"count":{"id":"1"}}`,
		`{"select":{"count":["id"]},"filter":["id",">",2]}`:          `{"count":{"id":"2"}}`,
		`{"select":{"count":["id"],"sum":["id"]},"filter":["id",9]}`: `{"count":{"id":"0"},"sum":{"id":null}}`,
	} {
		assert.JSONEq(t, `{"result":`+want+`}`, resultText(t, callV3(t, p, "shop.good.aggregate", body)), body)
	}
	for body, want := range map[string]string{
		`{}`:                           "VALIDATION_REQUESTVALIDATIONEXCEPTION",
		`{"select":[]}`:                "INTERNAL_INTERNALEXCEPTION",
		`{"select":{"count":["no"]}}`:  "UNKNOWNDTOPROPERTYEXCEPTION",
		`{"select":{"median":["id"]}}`: "UNKNOWNAGGREGATEFUNCTIONEXCEPTION",
		`{"select":{"sum":["id"]},"filter":["id"]}`: "INVALIDFILTEREXCEPTION",
	} {
		assert.Equal(t, want, codeOf(t, callV3(t, p, "shop.good.aggregate", body)), body)
	}
}
