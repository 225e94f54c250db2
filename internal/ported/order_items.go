package ported

import (
	"context"
	"fmt"

	"github.com/b24go/b24"
)

// OrderItem is a row of an order at a price of your own.
type OrderItem struct {
	// Product is the id of a product of the catalog, "0" for something that is not in the catalog.
	Product b24.ID
	// Name and Measure are required if it is not in the catalog; Measure is a code, 796 for pieces.
	Name, Measure string
	// XMLID identifies the row in your own system. It is required, and unique in an order.
	XMLID string
	// Quantity is the number of Measure.
	Quantity float64
	// Base is the price before, and Price the one after the discount or markup.
	Base, Price float64
	// VAT is a fraction, 0.1 for 10 %.
	VAT float64
}

// AddOrderItem adds a row to an order and returns its id. An order that has a row with that XMLID
// keeps it: another run, after a lost answer for example, adds nothing.
func AddOrderItem(ctx context.Context, c b24.Client, order b24.ID, item OrderItem) (b24.ID, error) {
	if item.Product == "0" && (item.Name == "" || item.Measure == "") {
		return "", fmt.Errorf("item %q is not in the catalog: it needs a name and a measure", item.XMLID)
	}
	for row, err := range b24.List[struct {
		ID    b24.ID
		XMLID string
	}](ctx, c, "sale.basketitem.list", b24.Params{
		"filter": b24.Params{"orderId": order}, "select": []string{"id", "xmlId"},
	}) {
		if err != nil || row.XMLID == item.XMLID {
			return row.ID, err
		}
	}
	// The currency must be that of the order.
	currency, err := b24.Call[string](ctx, c, "sale.order.get", b24.Params{"id": order}, b24.WithResultKey("order", "currency"))
	if err != nil {
		return "", err
	}
	fields := b24.Params{
		"orderId": order, "productId": item.Product, "xmlId": item.XMLID, "quantity": item.Quantity, "currency": currency,
		// The portal stores any three numbers, and shows a wrong discount if they do not add up.
		"customPrice": "Y", "basePrice": item.Base, "price": item.Price, "discountPrice": item.Base - item.Price,
	}
	if item.Product == "0" {
		fields["name"], fields["measureCode"], fields["vatRate"], fields["vatIncluded"] = item.Name, item.Measure, item.VAT, "Y"
	}
	return b24.Call[b24.ID](ctx, c, "sale.basketitem.add", b24.Params{"fields": fields}, b24.WithResultKey("basketItem", "id"))
}
