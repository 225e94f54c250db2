package b24test

import (
	"maps"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// catalogMethods returns the methods of the catalog.
func catalogMethods() map[string]procedure {
	catalogs := resource{entity: "catalog.catalog", got: "catalog", lost: absent("0", "catalog does not exist.")}
	methods := map[string]procedure{"catalog.catalog.get": catalogs.get, "catalog.catalog.getfields": catalogs.fields}
	maps.Copy(methods, methodsOf(
		resource{
			entity: "catalog.product", got: "product", put: "element", needs: []string{"iblockId", "name"}, lost: absent("0", "product does not exist."),
			settle: settleProduct, removes: removeProduct,
		},
		resource{
			entity: "catalog.section", got: "section", needs: []string{"iblockId", "name"}, keeps: []string{"name"},
			lost: absent("200700300030", "section does not exist."), settle: settleSection,
		},
		resource{
			entity: "catalog.price", got: "price", needs: []string{"productId", "catalogGroupId", "price", "currency"}, keeps: []string{"price", "currency"},
			lost: absent("", "Price does not exist."), settle: settlePrice,
		},
		resource{
			entity: "catalog.pricetype", got: "priceType", needs: []string{"name"}, lost: absent("201000000000", "priceType does not exist."), settle: settlePriceType,
		},
		resource{
			entity: "catalog.productproperty", got: "productProperty", needs: []string{"iblockId", "name", "propertyType"}, keeps: []string{"iblockId"},
			lost: absent("", "productProperty does not exist."), settle: settleProperty, removes: removeProperty,
		},
		resource{
			entity: "catalog.productpropertyenum", got: "productPropertyEnum", needs: []string{"propertyId", "value", "xmlId"},
			lost: absent("0", "productPropertyEnum does not exist."), settle: settleEnum,
		},
		resource{entity: "catalog.vat", got: "vat", needs: []string{"name", "rate"}, lost: absent("0", "vat does not exist."), settle: settleVAT},
		resource{entity: "catalog.measure", got: "measure", needs: []string{"code", "measureTitle"}, lost: absent("0", "measure does not exist.")},
	))
	methods["catalog.price.modify"] = modifyPrices
	return methods
}

func absent(code b24.Code, text string) func(string) error {
	return func(string) error { return badRequest(code, text) }
}

// isCatalog reports whether a portal has a catalog with the information block.
func (p *Portal) isCatalog(block any) bool {
	return p.table("catalog.catalog").keyed(map[string]int{"iblockId": php.Int(block)}) != nil
}

func settleSection(p *Portal, w *writing) error {
	if !p.isCatalog(w.fields["iblockId"]) {
		return badRequest("200700300050", "iblock does not exist.")
	}
	w.usual("active", "Y", "sort", php.Number(500), "descriptionType", "text")
	return nil
}

// settlePrice completes a price. A product has one price of each type.
func settlePrice(p *Portal, w *writing) error {
	w.now("timestampX")
	w.fields["priceScale"] = w.fields["price"]
	if w.old != nil {
		return nil
	}
	group, product := php.Int(w.fields["catalogGroupId"]), php.Int(w.fields["productId"])
	if p.table("catalog.pricetype").keyed(map[string]int{"id": group}) == nil {
		return badRequest("0", "Validate price error. Catalog price group is wrong")
	}
	if p.table("catalog.price").keyed(map[string]int{"productId": product, "catalogGroupId": group}) != nil {
		return badRequest("0", "Validate price error. Catalog product is allowed has only single price without ranges in price group")
	}
	return nil
}

// now sets fields to the current time.
func (w *writing) now(names ...string) {
	var s store
	for _, name := range names {
		s.stamp(w.fields, name)
	}
}

// modifyPrices answers catalog.price.modify: the prices of a product are those that it names.
func modifyPrices(p *Portal, req Request) (any, error) {
	s := p.table("catalog.price")
	values, err := s.fieldsArg(req)
	if err != nil {
		return nil, err
	}
	product := values.Inner("product")
	if product.Int("id") <= 0 || product.Inner("prices").Len() == 0 {
		return nil, badRequest("0", "Required fields: id, prices")
	}
	given := product.Inner("prices")
	for _, v := range given.All() {
		price, _ := v.(*php.Array)
		if err := s.lacksFields(price, []string{"price", "currency"}); err != nil {
			return nil, err
		}
		if p.table("catalog.pricetype").keyed(map[string]int{"id": price.Int("catalogGroupId")}) == nil {
			return nil, badRequest("0", "Validate price error. Catalog price group is wrong")
		}
	}
	return php.Object("prices", s.replacePrices(req, product.Int("id"), given)), nil
}

// replacePrices stores the prices of a product instead of those it has; one of the same type keeps
// its id.
func (s *store) replacePrices(req Request, product int, given *php.Array) *php.Array {
	ids := map[int]string{}
	for r := range each(s.rows()) {
		if sameID(r.fields["productId"], product) {
			ids[php.Int(r.fields["catalogGroupId"])] = r.id
		}
	}
	s.dropAll(func(fields map[string]any) bool { return sameID(fields["productId"], product) })
	list := php.NewArray()
	for _, v := range given.All() {
		values, _ := v.(*php.Array)
		w := &writing{req: req, given: values, fields: map[string]any{}}
		s.write(w.fields, req, values, true)
		s.retype(w.fields, nil)
		w.now("timestampX")
		id, ok := ids[values.Int("catalogGroupId")]
		if !ok {
			id = s.nextID()
		}
		w.fields["id"], w.fields["productId"], w.fields["priceScale"] = s.idValue(id), php.Number(product), w.fields["price"]
		list.Add(s.whole(s.insert(w.fields), req))
	}
	return list
}

func settlePriceType(_ *Portal, w *writing) error {
	w.usual("base", "N", "sort", php.Number(100), "createdBy", php.Number(php.Int(w.req.user())))
	w.fields["modifiedBy"] = php.Number(php.Int(w.req.user()))
	if w.old == nil {
		w.now("dateCreate")
	}
	w.now("timestampX")
	return nil
}

func settleVAT(_ *Portal, w *writing) error {
	w.usual("active", "Y", "sort", php.Number(100))
	w.now("timestampX")
	return nil
}

// settleProperty completes a property of products.
func settleProperty(p *Portal, w *writing) error {
	kind, code := php.Text(w.fields["propertyType"]), php.Text(w.fields["code"])
	switch {
	case !p.isCatalog(w.fields["iblockId"]):
		return badRequest("0", "The specified iblock is not a product catalog")
	case len(kind) != 1 || !strings.Contains("SNLFEG", kind):
		return badRequest("0", "Invalid property type specified")
	case code != "" && isDigit(code[0]):
		return badRequest("0", "Property code cannot start with a digit")
	}
	for r := range each(p.table("catalog.productproperty").rows()) {
		if code != "" && r.id != w.id && r.fields["code"] == code && php.Int(r.fields["iblockId"]) == php.Int(w.fields["iblockId"]) {
			return badRequest("0", "Error adding property")
		}
	}
	w.usual("active", "Y", "sort", php.Number(500), "multiple", "N", "listType", "L", "rowCount", php.Number(1), "colCount", php.Number(30),
		"filtrable", "N", "searchable", "N", "isRequired", "N")
	w.now("timestampX")
	return nil
}

// removeProperty removes the values of a list property.
func removeProperty(p *Portal, r *record) error {
	p.table("catalog.productpropertyenum").dropAll(func(fields map[string]any) bool { return sameID(fields["propertyId"], php.Int(r.id)) })
	return nil
}

// settleEnum completes a value of a list property.
func settleEnum(p *Portal, w *writing) error {
	id := php.Int(w.fields["propertyId"])
	property := p.table("catalog.productproperty").keyed(map[string]int{"id": id})
	switch {
	case property == nil:
		return badRequest("0", "productPropertyEnum does not exist.")
	case property.fields["propertyType"] != "L":
		return badRequest("0", "Only list properties are supported")
	}
	for r := range each(p.table("catalog.productpropertyenum").rows()) {
		if r.id != w.id && sameID(r.fields["propertyId"], id) && r.fields["xmlId"] == w.fields["xmlId"] {
			return badRequest("0", "A value with xmlId '"+php.Text(w.fields["xmlId"])+"' already exists.")
		}
	}
	w.usual("def", "N", "sort", php.Number(500))
	return nil
}
