package b24test

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"strconv"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// productRowMethods returns the methods of the product rows of a record: two families with the same
// rows, which are stored as crm.item.productrow has them.
func productRowMethods() map[string]procedure {
	methods := methodsOf(resource{
		entity: "crm.item.productrow", got: "productRow", lost: func(string) error { return badRequest("NOT_FOUND", "Item not found") },
		settle: settleProductRow, done: func(p *Portal, r *record) { p.sumUp(php.Text(r.fields["ownerType"]), php.Int(r.fields["ownerId"])) },
		void: true,
	})
	maps.Copy(methods, map[string]procedure{
		"crm.item.productrow.set":                    setItemRows,
		"crm.item.productrow.fields":                 func(p *Portal, req Request) (any, error) { return fields(p.table("crm.item.productrow"), req) },
		"crm.item.productrow.getavailableforpayment": payableRows,
	})
	for _, owner := range []string{"lead", "deal", "quote"} {
		entity := "crm." + owner + ".productrows"
		methods[entity+".get"] = func(p *Portal, req Request) (any, error) { return classicRows(p, req, entity) }
		methods[entity+".set"] = func(p *Portal, req Request) (any, error) { return setClassicRows(p, req, entity) }
	}
	return methods
}

// ownerLetters returns the abbreviation of the type of a family of product rows.
func ownerLetters(entity string) string {
	return map[string]string{"crm.lead.productrows": "L", "crm.deal.productrows": "D", "crm.quote.productrows": "Q"}[entity]
}

// ownerTypeOf returns the entityTypeId of an abbreviation: D, or T82 of a smart process; 0 if there
// is none.
func ownerTypeOf(letters string) int {
	if hex, ok := strings.CutPrefix(letters, "T"); ok {
		n, err := strconv.ParseInt(hex, 16, 32)
		if err != nil {
			return 0
		}
		return int(n)
	}
	return map[string]int{"L": 1, "D": 2, "Q": 7, "SI": 31}[letters]
}

// rowOwner returns the record that has product rows.
func (p *Portal) rowOwner(letters string, id int) (s *store, r *record, err error) {
	typeID := ownerTypeOf(letters)
	if typeID == 0 {
		return nil, nil, badRequest("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
	}
	if r = p.owner(typeID, id); r == nil {
		return nil, nil, badRequest("OWNER_NOT_FOUND", "Owner was not found")
	}
	return p.table(ownerEntity(typeID)), r, nil
}

// rowsOf returns the product rows of a record.
func (p *Portal) rowsOf(letters string, id int) []*record {
	var list []*record
	for r := range each(p.table("crm.item.productrow").rows()) {
		if r.fields["ownerType"] == letters && sameID(r.fields["ownerId"], id) {
			list = append(list, r)
		}
	}
	return list
}

// settleProductRow completes a row of an add or update.
func settleProductRow(p *Portal, w *writing) error {
	if w.old != nil {
		if maps.EqualFunc(w.fields, w.old.fields, func(a, b any) bool { return php.Text(a) == php.Text(b) }) {
			for name := range w.given.All() {
				return badRequest("INVALID_ARG_VALUE", "Field '"+name+"' not available for update")
			}
		}
		w.calculate()
		return nil
	}
	if _, _, err := p.rowOwner(php.Text(w.fields["ownerType"]), php.Int(w.fields["ownerId"])); err != nil {
		return err
	}
	p.nameProduct(w)
	w.usual("sort", php.Number(0))
	w.calculate()
	return nil
}

// nameProduct gives a row the name of its product, unless it has one.
func (p *Portal) nameProduct(w *writing) {
	products := p.table("catalog.product")
	if i, ok := products.find(php.Text(w.fields["productId"])); ok {
		w.usual("productName", products.rows().at(i).fields["name"])
	}
}

// calculate fills in the prices that follow from the price, which includes the tax and the
// discount.
func (w *writing) calculate() {
	f := w.fields
	for name, v := range map[string]any{
		"quantity": php.Number(1), "price": php.Number(0), "discountTypeId": php.Number(2), "taxIncluded": "N", "productId": php.Number(0),
		"productName": "", "customized": "Y", "measureCode": php.Number(796), "measureName": "pcs", "xmlId": "", "type": php.Number(1),
	} {
		if f[name] == nil {
			f[name] = v
		}
	}
	for _, name := range []string{"taxRate", "storeId"} {
		if f[name] == nil {
			f[name] = nil // a list answers it too
		}
	}
	tax := 1 + number(f["taxRate"])/100
	exclusive := number(f["price"]) / tax
	if w.given.Len() > 0 && f["priceExclusive"] != nil && w.named("priceExclusive") && !w.named("price") {
		exclusive = number(f["priceExclusive"])
		f["price"] = decimal(exclusive * tax)
	}
	rate, sum := number(f["discountRate"]), number(f["discountSum"])
	switch {
	case php.Int(f["discountTypeId"]) == 1 && exclusive+sum != 0:
		rate = sum / (exclusive + sum) * 100
	case rate < 100:
		sum = exclusive*100/(100-rate) - exclusive
	}
	f["discountRate"], f["discountSum"] = decimal(rate), decimal(sum)
	f["priceExclusive"], f["priceNetto"], f["priceBrutto"] = decimal(exclusive), decimal(exclusive+sum), decimal((exclusive+sum)*tax)
	f["priceAccount"] = f["price"]
}

// named reports whether a write names a field.
func (w *writing) named(field string) bool {
	return w.given.Contains(func(key string, v any) bool { return (key == field || toCamel(key) == field) && v != nil })
}

func number(v any) float64 {
	n, _ := php.ParseNumeric(php.FloatString(v))
	return n.Float()
}

// decimal rounds an amount to cents.
func decimal(f float64) json.Number { return php.Decimal(math.Round(f*100) / 100) }

// sumUp calculates the amount of a record from its product rows, unless it was set by hand.
func (p *Portal) sumUp(letters string, id int) {
	s, r, err := p.rowOwner(letters, id)
	if err != nil || r.fields["IS_MANUAL_OPPORTUNITY"] == "Y" {
		return
	}
	var total, tax float64
	for _, row := range p.rowsOf(letters, id) {
		q := number(row.fields["quantity"])
		total += number(row.fields["price"]) * q
		tax += (number(row.fields["price"]) - number(row.fields["priceExclusive"])) * q
	}
	s.set(r, map[string]any{"OPPORTUNITY": decimal(total).String(), "TAX_VALUE": decimal(tax).String()})
}

// replaceRows replaces the product rows of a record. A row with the id of one of them keeps it.
func (p *Portal) replaceRows(letters string, id int, given *php.Array, req Request) []*record {
	s := p.table("crm.item.productrow")
	old := map[string]bool{}
	for _, r := range p.rowsOf(letters, id) {
		old[r.id] = true
		s.drop(r.id)
	}
	var list []*record
	for _, v := range given.All() {
		values, _ := v.(*php.Array)
		w := &writing{req: req, given: values, fields: map[string]any{}}
		s.write(w.fields, req, values, true)
		s.retype(w.fields, nil)
		p.nameProduct(w)
		w.usual("sort", php.Number(10*(len(list)+1)))
		w.calculate()
		rowID := cmp.Or(values.Text("id"), values.Text("ID"))
		if !old[rowID] {
			rowID = s.nextID()
		}
		w.fields["id"], w.fields["ownerId"], w.fields["ownerType"] = s.idValue(rowID), php.Number(id), letters
		list = append(list, s.insert(w.fields))
	}
	p.sumUp(letters, id)
	return list
}

func setItemRows(p *Portal, req Request) (any, error) {
	s := p.table("crm.item.productrow")
	args := map[string]any{}
	for _, name := range []string{"ownerType", "ownerId", "productRows"} {
		v, ok := s.fam.arg(req, name)
		if !ok || v == nil {
			return nil, s.fam.lacks(name)
		}
		args[name] = v
	}
	given, err := s.fam.arrayArg(req, "productRows")
	if err != nil {
		return nil, err
	}
	letters, id := php.Text(args["ownerType"]), php.Int(args["ownerId"])
	if _, _, err := p.rowOwner(letters, id); err != nil {
		return nil, err
	}
	return rowsResult(s, p.replaceRows(letters, id, given, req), req), nil
}

func rowsResult(s *store, found []*record, req Request) *php.Array {
	list := php.NewArray()
	for _, r := range found {
		list.Add(s.whole(r, req))
	}
	return php.Object("productRows", list)
}

func payableRows(p *Portal, req Request) (any, error) {
	s := p.table("crm.item.productrow")
	letters, id := req.params.Text("ownerType"), req.params.Int("ownerId")
	if _, _, err := p.rowOwner(letters, id); err != nil {
		return nil, err
	}
	return rowsResult(s, p.rowsOf(letters, id), req), nil
}

// classicRows answers crm.deal.productrows.get and the like.
func classicRows(p *Portal, req Request, entity string) (any, error) {
	s := p.table(entity)
	v, _ := s.fam.arg(req, "id")
	id := php.Int(v)
	if id <= 0 {
		return nil, badRequest("", "The parameter id is invalid or not defined.")
	}
	letters := ownerLetters(entity)
	if s.rows().len() == 0 && !p.exists(ownerTypeOf(letters), id) {
		return nil, badRequest("", "Not found")
	}
	return list(s, req)
}

// setClassicRows answers crm.deal.productrows.set and the like.
func setClassicRows(p *Portal, req Request, entity string) (any, error) {
	s := p.table(entity)
	v, _ := s.fam.arg(req, "id")
	id, letters := php.Int(v), ownerLetters(entity)
	if id <= 0 {
		return nil, badRequest("", "The parameter id is invalid or not defined.")
	}
	rows, err := s.fam.arrayArg(req, "rows")
	if err != nil {
		return nil, err
	}
	if !p.exists(ownerTypeOf(letters), id) {
		return nil, badRequest("", "Not found")
	}
	for _, v := range rows.All() {
		row, _ := v.(*php.Array)
		if err := lacksDiscount(row); err != nil {
			return nil, err
		}
	}
	p.replaceRows(letters, id, rows, req)
	return true, nil
}

// lacksDiscount refuses a row that names a type of discount without its amount.
func lacksDiscount(row *php.Array) error {
	_, hasRate := row.Isset("DISCOUNT_RATE")
	_, hasSum := row.Isset("DISCOUNT_SUM")
	const code b24.Code = "ERROR_CORE"
	switch kind := row.Int("DISCOUNT_TYPE_ID"); {
	case kind == 2 && !hasRate:
		return badRequest(code, "Discount Rate (DISCOUNT_RATE) is required if Percentage Discount Type (DISCOUNT_TYPE_ID) is defined<br>")
	case kind == 2 && row.Int("DISCOUNT_RATE") == 100 && !hasSum:
		return badRequest(code, "Discount Sum (DISCOUNT_SUM) is required if Percentage Discount Type (DISCOUNT_TYPE_ID) is defined and Discount Rate (DISCOUNT_RATE) is 100%<br>")
	case kind == 1 && !hasSum:
		return badRequest(code, "Discount Sum (DISCOUNT_SUM) is required if Monetary Discount Type (DISCOUNT_TYPE_ID) is defined<br>")
	}
	return nil
}

// capitalRows returns the view that an older method has of the product rows: in capitals, and
// except for crm.productrow.list those of one type.
func capitalRows(s *store) *store {
	older := newStore(s.fam, newShelf(s.serial))
	older.begun = true
	letters := ownerLetters(s.fam.entity)
	for r := range each(s.rows()) {
		if t := r.fields["ownerType"]; letters != "" && t != nil && t != letters {
			continue
		}
		fields := map[string]any{}
		for field, v := range r.fields {
			name := snakeCapitals(field)
			if name == "ID" || name == "OWNER_ID" || name == "PRICE_ACCOUNT" {
				v = text(v)
			}
			fields[name] = v
		}
		older.put(&record{id: r.id, fields: fields})
	}
	return older
}

// shelveRow gives a product row that a test seeds under an older name its type.
func shelveRow(entity string) func(values *php.Array) {
	return func(values *php.Array) {
		if letters := ownerLetters(entity); letters != "" {
			values.Set("OWNER_TYPE", letters)
		}
	}
}
