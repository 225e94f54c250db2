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
		given, ok := propertyValues(v, property.fields["multiple"] == "Y")
		if !ok {
			continue
		}
		told, ok := p.propertyOf(property, w.id, given)
		if !ok {
			continue
		}
		if property.fields["multiple"] != "Y" {
			w.fields["property"+number] = nil
			if told.Len() > 0 {
				w.fields["property"+number] = told.Values()[0]
			}
			continue
		}
		w.fields["property"+number] = told
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

// propertyValues returns the values that a write sends for a property: one may be in a list, several
// must be. If they are not, the portal drops the field.
func propertyValues(v any, multiple bool) (list *php.Array, ok bool) {
	list, isArray := v.(*php.Array)
	switch {
	case multiple:
		return list, isArray && !isNamed(list)
	case !isArray, isNamed(list):
		return php.List(v), true
	case list.Len() > 1:
		return php.List(list.Values()[0]), true
	}
	return list, true
}

// propertyOf returns the values of a property as a product has them, without those that it cannot
// have. If one of several files cannot be read, ok is false: the portal drops the field.
func (p *Portal) propertyOf(property *record, product string, given *php.Array) (told *php.Array, ok bool) {
	told = php.NewArray()
	for _, v := range given.All() {
		one, _ := v.(*php.Array)
		inner, isObject := one.Get("value")
		if property.fields["propertyType"] == "F" {
			file := p.fileValue(product, "property"+property.id, inner)
			if file == nil {
				for _, earlier := range told.All() {
					value, _ := earlier.(*php.Array)
					delete(p.data.files.blobs, value.Inner("value").Int("id"))
				}
				return nil, false
			}
			told.Add(php.Object("value", file, "valueId", php.Number(p.data.serial.next()).String()))
			continue
		}
		if isObject {
			v = inner
		}
		if value := p.valueOf(property, v); value != nil {
			told.Add(value)
		}
	}
	return told, true
}

// valueOf returns a value of a property that holds no files; nil for no value.
func (p *Portal) valueOf(property *record, v any) any {
	switch {
	case v == nil, v == "":
		return nil
	case property.fields["propertyType"] == "L":
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
