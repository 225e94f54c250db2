package ported

import (
	"context"
	"errors"

	"github.com/b24go/b24"
)

// AddDealWithProducts creates a deal with four rows of one product: with tax on top, with tax
// included, with a fixed discount and with a discount of 10 %. The product is the first one of the
// catalog that has a price. If the rows cannot be saved, it returns the id of the deal that exists
// together with the error.
func AddDealWithProducts(ctx context.Context, c b24.Client, catalog b24.ID, title string) (b24.ID, error) {
	product, price, err := pricedProduct(ctx, c, catalog)
	if err != nil {
		return "", err
	}
	row := func(price float64, more b24.Params) b24.Params {
		more["productId"], more["price"], more["quantity"] = product, price, 1
		return more
	}
	amount := float64(price.Price)
	discount := min(100, amount/2)
	var batch b24.Batch
	deal := b24.Queue[b24.ID](&batch, "crm.item.add", b24.Params{"entityTypeId": 2, "fields": b24.Params{
		"title": title, "currencyId": price.Currency,
	}}, "item", "id")
	batch.Add("crm.item.productrow.set", b24.Params{"ownerType": "D", "ownerId": deal.Ref(), "productRows": []b24.Params{
		row(amount, b24.Params{"taxRate": 20, "taxIncluded": "N"}),
		row(amount, b24.Params{"taxRate": 20, "taxIncluded": "Y"}),
		row(amount-discount, b24.Params{"discountTypeId": 1, "discountSum": discount}), // fixed
		row(amount*0.9, b24.Params{"discountTypeId": 2, "discountRate": 10}),           // per cent
	}})
	_, failed := c.CallBatch(ctx, &batch)
	id, _ := deal.Get() // "" if it failed, which failed reports
	return id, failed
}

// Price is a price of a product.
type Price struct {
	// Price is the amount, in units of Currency.
	Price b24.Float
	// Currency is a code such as EUR.
	Currency string
}

// pricedProduct returns the first product with a price.
func pricedProduct(ctx context.Context, c b24.Client, catalog b24.ID) (b24.ID, Price, error) {
	for product, err := range b24.List[struct{ ID b24.ID }](ctx, c, "catalog.product.list", b24.Params{
		"filter": b24.Params{"iblockId": catalog}, "select": []string{"id", "iblockId"},
	}) {
		if err != nil {
			return "", Price{}, err
		}
		price, err := b24.First(b24.List[Price](ctx, c, "catalog.price.list", b24.Params{
			"filter": b24.Params{"productId": product.ID, ">price": 0},
		}))
		if !errors.Is(err, b24.ErrNoRow) {
			return product.ID, price, err
		}
	}
	return "", Price{}, errors.New("no product of the catalog has a price")
}
