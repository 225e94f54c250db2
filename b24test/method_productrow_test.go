package b24test_test

import (
	"testing"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// Both families show the same rows, and the amount of the record follows them.
func TestProductRows(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.deal", b24.Params{"ID": 7}, b24.Params{"ID": 8, "IS_MANUAL_OPPORTUNITY": "Y", "OPPORTUNITY": 5})
	p.Seed("crm.item:130", b24.Params{"id": 3})
	p.Seed("catalog.product", b24.Params{"id": 50, "iblockId": 23, "name": "Lamp"})
	walk(t, p, []step{
		{"crm.deal.productrows.get", `{"id":7}`, `[]`},
		{"crm.deal.productrows.get", `{"id":99}`, `!Not found`},
		{"crm.deal.productrows.get", `{"id":"x"}`, `!The parameter id is invalid or not defined.`},
		{"crm.deal.productrows.set", `{"id":99,"rows":[]}`, `!Not found`},
		{"crm.deal.productrows.set", `{"id":7,"rows":[{"PRODUCT_ID":50,"PRICE":100,"QUANTITY":3},{"PRODUCT_NAME":"x","PRICE":899.1,"DISCOUNT_RATE":10,"DISCOUNT_TYPE_ID":2}]}`, `true`},
		{
			"crm.deal.productrows.get", `{"id":7}`,
			`[{"ID":"1","OWNER_ID":"7","OWNER_TYPE":"D","PRODUCT_ID":50,"PRODUCT_NAME":"Lamp","PRICE":100,"QUANTITY":3,"SORT":10},
			{"ID":"2","PRODUCT_ID":0,"PRICE":899.1,"PRICE_NETTO":999,"PRICE_BRUTTO":999,"PRICE_ACCOUNT":"899.1","DISCOUNT_SUM":99.9,"TAX_INCLUDED":"N"}]`,
		},
		{"crm.deal.get", `{"id":7}`, `{"OPPORTUNITY":"1199.1"}`},
		{"crm.item.get", `{"entityTypeId":2,"id":7}`, `{"item":{"opportunity":1199.1}}`},
		{"crm.item.productrow.list", `{"filter":{"=ownerType":"D","=ownerId":7,"productName":"x"}}`, `{"productRows":[{"id":2,"ownerId":7,"price":899.1,"taxRate":null}]}`},
		{"crm.deal.productrows.set", `{"id":7,"rows":[{"PRODUCT_NAME":"y","DISCOUNT_TYPE_ID":1}]}`, `!ERROR_CORE Discount Sum (DISCOUNT_SUM) is required if Monetary Discount Type (DISCOUNT_TYPE_ID) is defined<br>`},
		{"crm.item.productrow.set", `{"ownerType":"D","ownerId":7}`, `!100 Could not find value for parameter {productRows}`},
		{"crm.item.productrow.set", `{"ownerType":"T5","ownerId":7,"productRows":[]}`, `!OWNER_NOT_FOUND Owner was not found`},
		{"crm.item.productrow.set", `{"ownerType":"X","ownerId":7,"productRows":[]}`, `!ENTITY_TYPE_NOT_SUPPORTED Entity type is not supported`},
		{
			"crm.item.productrow.set", `{"ownerType":"D","ownerId":"7","productRows":[{"productId":50,"price":"120","taxRate":20,"taxIncluded":"Y","nope":1}]}`,
			`{"productRows":[{"id":3,"ownerId":7,"ownerType":"D","productName":"Lamp","price":120,"priceExclusive":100,"taxRate":20,"taxIncluded":"Y","measureCode":796,"storeId":null}]}`,
		},
		{"crm.deal.get", `{"id":7}`, `{"OPPORTUNITY":"120","TAX_VALUE":"20"}`},
		{"crm.item.productrow.add", `{"fields":{"ownerType":"D","ownerId":9,"price":1}}`, `!OWNER_NOT_FOUND Owner was not found`},
		{"crm.item.productrow.add", `{"fields":{"ownerType":"D","ownerId":8,"price":10,"quantity":2}}`, `{"productRow":{"id":4,"ownerId":8,"quantity":2}}`},
		{"crm.deal.get", `{"id":8}`, `{"OPPORTUNITY":"5"}`}, // set by hand
		{"crm.item.productrow.add", `{"fields":{"ownerType":"T82","ownerId":3,"price":10}}`, `{"productRow":{"id":5,"ownerType":"T82"}}`},
		{"crm.item.get", `{"entityTypeId":130,"id":3}`, `{"item":{"opportunity":10}}`},
		{"crm.item.productrow.update", `{"id":5,"fields":{"price":25,"ownerId":9}}`, `{"productRow":{"id":5,"price":25,"ownerId":3}}`},
		{"crm.item.get", `{"entityTypeId":130,"id":3}`, `{"item":{"opportunity":25}}`},
		{"crm.item.productrow.update", `{"id":5,"fields":{"nope":1}}`, `!INVALID_ARG_VALUE Field 'nope' not available for update`},
		{"crm.item.productrow.get", `{"id":77}`, `!NOT_FOUND Item not found`},
		{"crm.item.productrow.get", `{}`, `!100 Could not find value for parameter {id}`},
		{"crm.item.productrow.getAvailableForPayment", `{"ownerType":"T82","ownerId":3}`, `{"productRows":[{"id":5}]}`},
		{"crm.item.productrow.delete", `{"id":5}`, `null`},
		{"crm.item.get", `{"entityTypeId":130,"id":3}`, `{"item":{"opportunity":0}}`},
		{"crm.item.productrow.fields", `{}`, `{"fields":{"ownerId":{"isImmutable":true}}}`},
	})
	p.Seed("crm.deal.productrows", b24.Params{"OWNER_ID": 8, "PRODUCT_NAME": "seeded"})
	walk(t, p, []step{{"crm.item.productrow.list", `{"filter":{"=ownerType":"D","=ownerId":8},"order":{"id":"ASC"}}`, `{"productRows":[{"id":4},{"id":6,"productName":"seeded"}]}`}})
}
