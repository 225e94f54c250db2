package b24test

import (
	"maps"

	"github.com/b24go/b24/b24test/internal/php"
)

// orderMethods returns the methods of orders and their positions.
func orderMethods() map[string]procedure {
	orders := resource{
		entity: "sale.order", got: "order", needs: []string{"lid", "personTypeId", "currency"}, lost: absent("200540400001", "order does not exist"),
		settle: settleOrder, removes: removeOrder,
	}
	items := resource{
		entity: "sale.basketitem", got: "basketItem", needs: []string{"orderId", "productId", "currency", "quantity"},
		lost: absent("200140400001", "basket item does not exist"), settle: settleBasketItem,
		done: func(p *Portal, r *record) { p.sumOrder(php.Int(r.fields["orderId"])) },
	}
	types := resource{entity: "sale.persontype", got: "personType", needs: []string{"name"}, lost: absent("201250000003", "person type does not exist")}
	methods := methodsOf(orders, items, types)
	maps.Copy(methods, map[string]procedure{
		"sale.order.get": func(p *Portal, req Request) (any, error) {
			s := p.table("sale.order")
			r, err := orders.find(s, req)
			if err != nil {
				return nil, err
			}
			row := s.whole(r, req)
			row.Set("basketItems", p.basket(r, req))
			return php.Object("order", row), nil
		},
	})
	return methods
}

// settleOrder completes an order.
//
//nolint:misspell // the portal's spelling
func settleOrder(p *Portal, w *writing) error {
	w.now("dateUpdate")
	if w.old != nil {
		return nil
	}
	if p.table("sale.persontype").keyed(map[string]int{"id": php.Int(w.fields["personTypeId"])}) == nil {
		return badRequest("0", "person type does not exist")
	}
	n := php.Number
	w.usual("accountNumber", w.id, "statusId", "N", "price", n(0), "discountValue", n(0), "taxValue", n(0), "payed", "N", "canceled", "N", "deducted", "N",
		"marked", "N", "externalOrder", "N", "recountFlag", "Y", "userId", n(php.Int(w.req.user())), "responsibleId", n(php.Int(w.req.user())),
		"version", n(0), "updated1c", "N", "xmlId", "")
	if w.fields["dateInsert"] == nil {
		w.now("dateInsert")
	}
	w.now("dateStatus")
	return nil
}

func removeOrder(p *Portal, r *record) error {
	p.table("sale.basketitem").dropAll(func(fields map[string]any) bool { return sameID(fields["orderId"], php.Int(r.id)) })
	return nil
}

// basket returns the positions of an order.
func (p *Portal) basket(order *record, req Request) *php.Array {
	s, list := p.table("sale.basketitem"), php.NewArray()
	for r := range each(s.rows()) {
		if sameID(r.fields["orderId"], php.Int(order.id)) {
			list.Add(s.whole(r, req))
		}
	}
	return list
}

// settleBasketItem completes a position of an order. Without customPrice it has the price of the
// catalog.
func settleBasketItem(p *Portal, w *writing) error {
	f := w.fields
	orders := p.table("sale.order")
	order := orders.keyed(map[string]int{"id": php.Int(f["orderId"])})
	switch {
	case order == nil:
		return badRequest("200140400009", "Order not found")
	case php.Text(f["currency"]) != php.Text(order.fields["currency"]):
		return badRequest("200140400011", "Currency must be the currency of the order")
	}
	w.now("dateUpdate")
	if w.old == nil {
		w.now("dateInsert")
		if err := p.takeProduct(w); err != nil {
			return err
		}
	}
	n := php.Number
	w.usual("customPrice", "N", "price", n(0), "discountPrice", n(0), "canBuy", "Y", "measureCode", "796", "measureName", "pcs", "sort", n(100), "weight", n(0),
		"vatIncluded", "N", "vatRate", nil, "properties", php.NewArray(), "reservations", php.NewArray(), "xmlId", "bx_"+w.id,
		"dimensions", `a:3:{s:5:"WIDTH";N;s:6:"HEIGHT";N;s:6:"LENGTH";N;}`)
	if f["basePrice"] == nil {
		f["basePrice"] = decimal(number(f["price"]) + number(f["discountPrice"]))
	}
	return nil
}

// takeProduct gives a position the name and the price of its product.
func (p *Portal) takeProduct(w *writing) error {
	id := php.Int(w.fields["productId"])
	product := p.table("catalog.product").keyed(map[string]int{"id": id})
	switch {
	case product != nil:
		w.usual("name", product.fields["name"], "productXmlId", product.fields["xmlId"])
	case php.Text(w.fields["name"]) == "":
		return badRequest("0", "Required fields: name")
	}
	price := p.table("catalog.price").keyed(map[string]int{"productId": id, "catalogGroupId": 1})
	if price != nil && w.fields["customPrice"] != "Y" {
		w.fields["price"], w.fields["basePrice"], w.fields["discountPrice"] = price.fields["price"], price.fields["price"], php.Number(0)
	}
	return nil
}

// sumOrder sets the price of an order to that of its positions.
func (p *Portal) sumOrder(id int) {
	orders := p.table("sale.order")
	order := orders.keyed(map[string]int{"id": id})
	if order == nil {
		return
	}
	var total float64
	for r := range each(p.table("sale.basketitem").rows()) {
		if sameID(r.fields["orderId"], id) {
			total += number(r.fields["price"]) * number(r.fields["quantity"])
		}
	}
	orders.set(order, map[string]any{"price": decimal(total)})
}
