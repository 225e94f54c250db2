package b24test

import (
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// settleProduct completes a product of the catalog.
func settleProduct(p *Portal, w *writing) error {
	if !p.isCatalog(w.fields["iblockId"]) {
		return badRequest("200040300000", "Iblock Not Found")
	}
	code := php.Text(w.fields["code"])
	for r := range each(p.table("catalog.product").rows()) {
		if code != "" && r.id != w.id && r.fields["code"] == code {
			return badRequest("0", "Product with this symbolic code already exists")
		}
	}
	user := php.Number(php.Int(w.req.user()))
	w.usual("active", "Y", "available", "Y", "bundle", "N", "canBuyZero", "N", "quantityTrace", "N", "subscribe", "Y", "vatIncluded", "N",
		"sort", php.Number(500), "type", php.Number(1), "measure", php.Number(5), "xmlId", w.id, "detailTextType", "text", "previewTextType", "text",
		"createdBy", user, "quantity", php.Number(0), "weight", php.Number(0))
	if w.old == nil {
		w.now("dateCreate")
	}
	w.fields["modifiedBy"] = user
	w.now("timestampX")
	for _, name := range []string{"previewPicture", "detailPicture"} {
		if v, ok := w.given.Get(name); ok {
			w.fields[name] = p.fileValue(w.id, name, v)
		}
	}
	return p.settleProperties(w)
}

// removeProduct removes the prices of a product.
func removeProduct(p *Portal, r *record) error {
	p.table("catalog.price").dropAll(func(fields map[string]any) bool { return sameID(fields["productId"], php.Int(r.id)) })
	return nil
}

// settleProperties stores the properties that a product names, as they are answered. A property
// that the catalog does not have is dropped.
func (p *Portal) settleProperties(w *writing) error {
	properties := p.table("catalog.productproperty")
	for key, v := range w.given.All() {
		number, ok := strings.CutPrefix(w.propertyName(key), "property")
		if !ok {
			continue
		}
		i, ok := properties.find(number)
		if !ok {
			continue
		}
		property := properties.rows().at(i)
		if property.fields["multiple"] != "Y" {
			w.fields["property"+number] = p.propertyOf(property, w.id, v)
			continue
		}
		values := php.NewArray()
		for _, one := range severalValues(v).All() {
			if told := p.propertyOf(property, w.id, one); told != nil {
				values.Add(told)
			}
		}
		w.fields["property"+number] = values
	}
	return nil
}

// propertyName returns the name of a field in camel case.
func (*writing) propertyName(key string) string {
	if isUpper(key) {
		return strings.Replace(toCamel(key), "property_", "property", 1)
	}
	return key
}

// severalValues returns the values of a property with several: each may be an object with a value.
func severalValues(v any) *php.Array {
	list, ok := v.(*php.Array)
	if !ok || list.Contains(func(key string, _ any) bool { return key == "value" || key == "fileData" }) {
		return php.List(v)
	}
	return list
}

// propertyOf returns a value of a property as a product has it; nil for no value.
func (p *Portal) propertyOf(property *record, product string, v any) any {
	if a, ok := v.(*php.Array); ok {
		if inner, ok := a.Get("value"); ok {
			v = inner
		}
	}
	name := "property" + property.id
	kind := property.fields["propertyType"]
	switch {
	case v == nil, v == "":
		return nil
	case kind == "F":
		if v = p.fileValue(product, name, v); v == nil {
			return nil
		}
		return php.Object("value", v, "valueId", php.Number(p.data.serial.next()).String())
	case kind == "L":
		return p.enumOf(property, v)
	}
	return php.Object("value", php.String(v), "valueId", php.Number(p.data.serial.next()).String())
}

// enumOf returns a value of a list property by the id of the value. A portal treats a list with one
// value as a yes or no.
func (p *Portal) enumOf(property *record, v any) any {
	var found *record
	count := 0
	for r := range each(p.table("catalog.productpropertyenum").rows()) {
		if sameID(r.fields["propertyId"], php.Int(property.id)) {
			count++
			if r.id == php.Text(v) {
				found = r
			}
		}
	}
	switch {
	case count == 1:
		return "N"
	case found == nil:
		return nil
	}
	return php.Object("value", found.id, "valueEnum", found.fields["value"], "valueId", php.Number(p.data.serial.next()).String())
}

// fileValue returns a file that a write sends as fileData as a product has it; nil if there is
// none.
func (p *Portal) fileValue(product, field string, v any) any {
	file, _ := v.(*php.Array)
	data := file.Inner("fileData")
	if data.Len() < 2 {
		return nil
	}
	b, _ := p.data.files.save(data)
	if b == nil {
		return nil
	}
	id := php.Number(b.id).String()
	address := "/rest/catalog.product.download?fields%5BfieldName%5D=" + field + "&fields%5BfileId%5D=" + id + "&fields%5BproductId%5D=" + product
	return php.Object("id", id, "url", address, "urlMachine", address)
}

// downloadProductFile answers catalog.product.download. The addresses in a product are those of this
// method, without a host and without a signature: only the method called by name gives the file.
func downloadProductFile(p *Portal, req Request) (any, error) {
	fields := req.params.Inner("fields")
	s := p.table("catalog.product")
	i, ok := s.find(fields.Text("productId"))
	if !ok {
		return nil, badRequest("0", "product does not exist.")
	}
	field, id := fields.Text("fieldName"), fields.Int("fileId")
	if field != "previewPicture" && field != "detailPicture" && !strings.HasPrefix(field, "property") {
		return nil, badRequest("0", "Name file field is not available")
	}
	b := p.data.files.blobs[id]
	if b == nil || !hasFile(s.rows().at(i).fields[field], id) {
		return nil, badRequest("0", "Product file wrong")
	}
	return p.data.files.download(req, b, ""), nil
}

// hasFile reports whether a field of a product holds a file, by itself or in a list of values.
func hasFile(v any, id int) bool {
	a, ok := v.(*php.Array)
	if !ok {
		return false
	}
	if _, isFile := a.Get("urlMachine"); isFile {
		return a.Int("id") == id
	}
	return a.Contains(func(_ string, inner any) bool { return hasFile(inner, id) })
}
