package b24test_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestOrders(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("catalog.product", b24.Params{"id": 50, "iblockId": 23, "name": "Lamp", "xmlId": "x50"})
	p.Seed("catalog.price", b24.Params{"id": 1, "productId": 50, "catalogGroupId": 1, "price": 1030, "currency": "EUR"})
	const item = "sale.basketitem."
	walk(t, p, []step{
		{"sale.persontype.list", `{"order":{"id":"ASC"}}`, `{"personTypes":[{"id":3,"name":"Individual"},{"id":4}]}`},
		{"sale.order.add", `{"fields":{"lid":"s1"}}`, `!0 Required fields: personTypeId, currency`},
		{"sale.order.add", `{"fields":{"lid":"s1","personTypeId":9,"currency":"EUR"}}`, `!0 person type does not exist`},
		{"sale.order.add", `{"fields":{"lid":"s1","personTypeId":3,"currency":"EUR"}}`, `{"order":{"id":1,"price":0,"statusId":"N","personTypeId":3,"accountNumber":"1","companyId":null}}`},
		{item + "add", `{"fields":{"productId":50,"quantity":1,"currency":"EUR"}}`, `!0 Required fields: orderId`},
		{item + "add", `{"fields":{"orderId":9,"productId":50,"quantity":1,"currency":"EUR"}}`, `!200140400009 Order not found`},
		{item + "add", `{"fields":{"orderId":1,"productId":50,"quantity":1,"currency":"USD"}}`, `!200140400011 Currency must be the currency of the order`},
		{item + "add", `{"fields":{"orderId":1,"productId":0,"quantity":1,"currency":"EUR"}}`, `!0 Required fields: name`},
		{
			item + "add", `{"fields":{"orderId":1,"productId":50,"quantity":4,"currency":"EUR","customPrice":"Y","basePrice":1030,"price":1100,"discountPrice":-70}}`,
			`{"basketItem":{"id":1,"name":"Lamp","price":1100,"basePrice":1030,"discountPrice":-70,"quantity":4,"properties":[],"vatRate":null,"productXmlId":"x50"}}`,
		},
		{item + "add", `{"fields":{"orderId":1,"productId":50,"quantity":1,"currency":"EUR","price":5}}`, `{"basketItem":{"id":2,"price":1030,"customPrice":"N"}}`}, // that of the catalog
		{item + "add", `{"fields":{"orderId":1,"productId":0,"name":"x","quantity":2,"currency":"EUR","price":900,"discountPrice":100}}`, `{"basketItem":{"id":3,"basePrice":1000}}`},
		{"sale.order.get", `{"id":1}`, `{"order":{"price":7230,"basketItems":[{"id":1},{"id":2},{"id":3}]}}`},
		{item + "update", `{"id":3,"fields":{"quantity":1}}`, `{"basketItem":{"quantity":1}}`},
		{item + "delete", `{"id":2}`, `true`},
		{item + "delete", `{"id":2}`, `!200140400001 basket item does not exist`},
		{item + "list", `{"filter":{"orderId":1},"select":["id","price"]}`, `{"basketItems":[{"id":1,"price":1100},{"id":3,"price":900}]}`},
		{"sale.order.list", `{"select":["id","price"]}`, `{"orders":[{"id":1,"price":5300}]}`},
		{"sale.order.update", `{"id":1,"fields":{"comments":"c","price":1}}`, `{"order":{"comments":"c"}}`},
		{"sale.order.delete", `{"id":1}`, `true`},
		{"sale.order.delete", `{"id":1}`, `!200540400001 order does not exist`},
		{item + "list", `{}`, `{"basketItems":[]}`},
	})
}

func TestWorkflows(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("bizproc.workflow.template", b24.Params{"ID": 5})
	p.Seed("bizproc.workflow.instances", b24.Params{"ID": "5f1c.77", "STARTED": "2024-12-04T10:04:24+03:00"})
	p.Seed("bizproc.task", b24.Params{"ID": 9, "WORKFLOW_ID": "5f1c.77", "STATUS": 0}, b24.Params{"ID": 10, "WORKFLOW_ID": "other", "STATUS": 0})
	const document = `"DOCUMENT_ID":["crm","CCrmDocumentLead","LEAD_1"]`
	walk(t, p, []step{
		{"bizproc.workflow.start", `{}`, `!ERROR_WRONG_WORKFLOW_ID Empty TEMPLATE_ID`},
		{"bizproc.workflow.start", `{"TEMPLATE_ID":6}`, `!ERROR_WRONG_WORKFLOW_ID Template not found`},
		{"bizproc.workflow.start", `{"TEMPLATE_ID":5}`, `!Wrong DOCUMENT_ID!`},
		{"bizproc.workflow.kill", `{}`, `!ERROR_WRONG_WORKFLOW_ID Empty workflow instance ID`},
		{"bizproc.task.complete", `{"TASK_ID":10,"STATUS":9}`, `!ERROR_TASK_VALIDATION incorrect STATUS`},
		{"bizproc.task.complete", `{"TASK_ID":11,"STATUS":1}`, `!ERROR_TASK_NOT_FOUND Task not found`},
		{"bizproc.task.complete", `{"TASK_ID":10,"STATUS":1}`, `true`},
		{"bizproc.task.complete", `{"TASK_ID":10,"STATUS":1}`, `!ERROR_TASK_COMPLETED Task already completed`},
		{"bizproc.workflow.instances", `{"select":["ID"],"filter":{"<STARTED":"2025-01-01T00:00:00Z"}}`, `[{"ID":"5f1c.77"}]`},
		{"bizproc.workflow.kill", `{"ID":"5f1c.77"}`, `true`},
		{"bizproc.workflow.kill", `{"ID":"5f1c.77"}`, `true`},
		{"bizproc.workflow.instances", `{}`, `[]`},
		{"bizproc.task.list", `{"select":["ID"]}`, `[{"ID":"10"}]`},
	})
	a := call(t, p, "bizproc.workflow.start", `{"TEMPLATE_ID":"5",`+document+`}`)
	id, _ := a.field(t, "result").(string)
	assert.Regexp(t, `^[0-9a-f]{16}\.[0-9]{8}$`, id)
	walk(t, p, []step{{"bizproc.workflow.instances", `{"select":["ID","DOCUMENT_ID","STARTED_BY"]}`, `[{"ID":"` + id + `","DOCUMENT_ID":"LEAD_1","STARTED_BY":"1"}]`}})
}
