package b24test_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// A product with a price in the catalog of a new portal.
func TestCatalog(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	walk(t, p, []step{
		{"catalog.catalog.list", `{"filter":{"iblockTypeId":"CRM_PRODUCT_CATALOG"},"order":{"id":"ASC"}}`, `{"catalogs":[{"id":23,"iblockId":23,"productIblockId":null},{"iblockId":24,"productIblockId":23,"skuPropertyId":97}]}`},
		{"catalog.catalog.get", `{"id":23}`, `{"catalog":{"iblockId":23,"subscription":"N"}}`},
		{"catalog.priceType.list", `{}`, `{"priceTypes":[{"id":1,"name":"BASE","base":"Y"}]}`},
		{"catalog.product.add", `{}`, `!100 Could not find value for parameter {fields}`},
		{"catalog.product.add", `{"fields":{"name":"Lamp"}}`, `!0 Required fields: iblockId`},
		{"catalog.product.add", `{"fields":{"name":"Lamp","iblockId":99}}`, `!200040300000 Iblock Not Found`},
		{
			"catalog.product.add", `{"fields":{"name":"Lamp","iblockId":"23","active":"N","code":"lamp","nope":1,"id":9,"previewPicture":{"fileData":["a.png","aGk="]}}}`,
			`{"element":{"id":1,"iblockId":23,"name":"Lamp","active":"N","available":"Y","sort":500,"type":1,"createdBy":1,"xmlId":"1","detailText":null,"previewPicture":{"id":"1001"}}}`,
		},
		{"catalog.product.add", `{"fields":{"name":"Lamp","iblockId":23,"code":"lamp"}}`, `!0 Product with this symbolic code already exists`},
		{"catalog.product.update", `{"id":1,"fields":{"name":"Lampe","weight":"1.5"}}`, `{"element":{"id":1,"name":"Lampe","weight":1.5}}`},
		{"catalog.product.get", `{"id":1}`, `{"product":{"id":1,"name":"Lampe"}}`},
		{"catalog.product.get", `{"id":7}`, `!0 product does not exist.`},
		{"catalog.product.get", `{"id":"x"}`, `!100 Invalid value {x} to match with parameter {id}. Should be value of type int.`},
		{"catalog.product.list", `{"select":["id","iblockId","name"],"filter":{"iblockId":23,"active":"N"}}`, `{"products":[{"id":1,"iblockId":23,"name":"Lampe"}]}`},
		{"catalog.price.add", `{"fields":{"productId":1,"price":5}}`, `!0 Required fields: catalogGroupId, currency`},
		{"catalog.price.add", `{"fields":{"productId":1,"price":5,"currency":"EUR","catalogGroupId":2}}`, `!0 Validate price error. Catalog price group is wrong`},
		{"catalog.price.add", `{"fields":{"productId":1,"price":"5.50","currency":"EUR","catalogGroupId":1}}`, `{"price":{"id":1,"price":5.5,"priceScale":5.5,"quantityFrom":null,"catalogGroupId":1}}`},
		{"catalog.price.add", `{"fields":{"productId":1,"price":5,"currency":"EUR","catalogGroupId":1}}`, `!0 Validate price error. Catalog product is allowed has only single price without ranges in price group`},
		{"catalog.price.update", `{"id":1,"fields":{"price":6}}`, `!0 Required fields: currency`},
		{"catalog.price.update", `{"id":1,"fields":{"price":6,"currency":"EUR","productId":8}}`, `{"price":{"price":6,"productId":1}}`},
		{"catalog.priceType.add", `{"fields":{"name":"wholesale"}}`, `{"priceType":{"id":2,"base":"N","createdBy":1}}`},
		{
			"catalog.price.modify", `{"fields":{"product":{"id":1,"prices":[{"catalogGroupId":2,"price":3,"currency":"EUR"},{"catalogGroupId":1,"price":7,"currency":"EUR"}]}}}`,
			`{"prices":[{"id":2,"price":3,"productId":1},{"id":1,"price":7}]}`,
		},
		{"catalog.price.list", `{"select":["id","price"],"filter":{"productId":1}}`, `{"prices":[{"id":1,"price":7},{"id":2,"price":3}]}`},
		{"catalog.price.get", `{"id":9}`, `!Price does not exist.`},
		{"catalog.section.add", `{"fields":{"iblockId":23,"name":"s"}}`, `{"section":{"id":1,"active":"Y","iblockSectionId":null}}`},
		{"catalog.section.update", `{"id":1,"fields":{"sort":5}}`, `!0 Required fields: name`},
		{"catalog.section.delete", `{"id":1}`, `true`},
		{"catalog.vat.list", `{"select":["id","rate"],"filter":{"rate":20}}`, `{"vats":[{"id":3,"rate":20}]}`},
		{"catalog.measure.list", `{"select":["id","code"],"filter":{"isDefault":"Y"}}`, `{"measures":[{"id":5,"code":796}]}`},
		{"catalog.product.delete", `{"id":1}`, `true`},
		{"catalog.price.list", `{}`, `{"prices":[]}`},
		{"catalog.price.getFields", `{}`, `{"price":{"productId":{"isImmutable":true,"isReadOnly":false,"isRequired":true,"type":"integer"},"price":{"type":"double"}}}`},
	})
	p.Seed("catalog.pricetype", b24.Params{"id": 2, "name": "other"})
	assert.Len(t, p.Rows("catalog.pricetype"), 2)
}

// A test that seeds catalogs has no others.
func TestASeededEntityHasNoRowsOfItsOwn(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("catalog.catalog", b24.Params{"id": 7, "iblockId": 7})
	walk(t, p, []step{
		{"catalog.catalog.list", `{}`, `{"catalogs":[{"id":7}]}`},
		{"catalog.product.add", `{"fields":{"name":"Lamp","iblockId":23}}`, `!200040300000 Iblock Not Found`},
	})
}

func TestPropertiesOfProducts(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("catalog.product", b24.Params{"id": 90, "iblockId": 23})
	walk(t, p, []step{
		{"catalog.productProperty.add", `{"fields":{"iblockId":23,"name":"Color"}}`, `!0 Required fields: propertyType`},
		{"catalog.productProperty.add", `{"fields":{"iblockId":9,"name":"Color","propertyType":"L"}}`, `!0 The specified iblock is not a product catalog`},
		{"catalog.productProperty.add", `{"fields":{"iblockId":23,"name":"Color","propertyType":"Q"}}`, `!0 Invalid property type specified`},
		{"catalog.productProperty.add", `{"fields":{"iblockId":23,"name":"Color","propertyType":"L","code":"1C"}}`, `!0 Property code cannot start with a digit`},
		{"catalog.productProperty.add", `{"fields":{"iblockId":23,"name":"Color","propertyType":"L","code":"COLOR"}}`, `{"productProperty":{"id":1,"multiple":"N","listType":"L","userType":null}}`},
		{"catalog.productProperty.add", `{"fields":{"iblockId":23,"name":"Sizes","propertyType":"L","multiple":"Y"}}`, `{"productProperty":{"id":2}}`},
		{"catalog.productProperty.add", `{"fields":{"iblockId":23,"name":"File","propertyType":"F"}}`, `{"productProperty":{"id":3}}`},
		{"catalog.productProperty.add", `{"fields":{"iblockId":23,"name":"Text","propertyType":"S"}}`, `{"productProperty":{"id":4}}`},
		{"catalog.productPropertyEnum.add", `{"fields":{"propertyId":9,"value":"x","xmlId":"x"}}`, `!0 productPropertyEnum does not exist.`},
		{"catalog.productPropertyEnum.add", `{"fields":{"propertyId":4,"value":"x","xmlId":"x"}}`, `!0 Only list properties are supported`},
		{"catalog.productPropertyEnum.add", `{"fields":{"propertyId":1,"value":"Blue"}}`, `!0 Required fields: xmlId`},
		{"catalog.productPropertyEnum.add", `{"fields":{"propertyId":1,"value":"Blue","xmlId":"B"}}`, `{"productPropertyEnum":{"id":1,"def":"N","sort":500}}`},
		{"catalog.product.update", `{"id":90,"fields":{"property1":1}}`, `{"element":{"property1":"N"}}`}, // a list of one value is a yes or no
		{"catalog.productPropertyEnum.add", `{"fields":{"propertyId":1,"value":"Red","xmlId":"B"}}`, `!0 A value with xmlId 'B' already exists.`},
		{"catalog.productPropertyEnum.add", `{"fields":{"propertyId":1,"value":"Red","xmlId":"R"}}`, `{"productPropertyEnum":{"id":2}}`},
		{"catalog.productPropertyEnum.add", `{"fields":{"propertyId":2,"value":"M","xmlId":"M"}}`, `{"productPropertyEnum":{"id":3}}`},
		{"catalog.productPropertyEnum.add", `{"fields":{"propertyId":2,"value":"L","xmlId":"L"}}`, `{"productPropertyEnum":{"id":4}}`},
		{
			"catalog.product.add",
			`{"fields":{"iblockId":23,"name":"Shirt","property1":1,"property2":[3,{"value":"4"}],"property3":{"value":{"fileData":["c.pdf","aGk="]}},"property4":"t","property9":1}}`,
			`{"element":{"property1":{"value":"1","valueEnum":"Blue"},"property2":[{"value":"3","valueEnum":"M"},{"value":"4"}],"property4":{"value":"t"},"property3":{"value":{}}}}`,
		},
		{"catalog.product.list", `{"select":["id","iblockId","property4"],"filter":{"iblockId":23,"name":"Shirt"}}`, `{"products":[{"id":91,"property4":{"value":"t"}}]}`},
		{"catalog.productPropertyEnum.delete", `{"id":9}`, `!0 productPropertyEnum does not exist.`},
		{"catalog.productProperty.delete", `{"id":1}`, `true`},
		{"catalog.productProperty.delete", `{"id":1}`, `!productProperty does not exist.`},
		{"catalog.productPropertyEnum.list", `{"filter":{"propertyId":1}}`, `{"productPropertyEnums":[]}`},
	})
	assert.NotContains(t, call(t, p, "catalog.product.get", `{"id":91}`).Body, "property9")
	assert.Contains(t, call(t, p, "catalog.product.get", `{"id":91}`).Body, `catalog.product.download?fields%5BfieldName%5D=property3`)
}
