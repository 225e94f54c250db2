package ported

import (
	"context"
	"errors"
	"fmt"

	"github.com/b24go/b24"
	"github.com/b24go/b24/file"
)

// Shirt is a product with properties.
type Shirt struct {
	// Name is the name of the product.
	Name string
	// Certificate is a document, and Gallery are the pictures.
	Certificate file.File
	Gallery     []file.File
	// Price is the amount, in units of Currency.
	Price float64
	// Currency is a code such as EUR.
	Currency string
}

// ShirtProperties are the ids of the properties of shirts, and of two values of them.
type ShirtProperties struct {
	Color, Blue, Sizes, Large, Certificate, Gallery b24.ID
}

// AddShirtProperties adds the properties to a catalog. suffix makes their codes unique in it. A
// property that was added before another one failed stays.
func AddShirtProperties(ctx context.Context, c b24.Client, catalog b24.ID, suffix string) (ShirtProperties, error) {
	var batch b24.Batch
	property := func(name, kind, multiple string) *b24.Pending[b24.ID] {
		return b24.Queue[b24.ID](&batch, "catalog.productProperty.add", b24.Params{"fields": b24.Params{
			"iblockId": catalog, "name": name, "code": name + suffix, "propertyType": kind, "multiple": multiple,
		}}, "productProperty", "id")
	}
	value := func(of *b24.Pending[b24.ID], name string) *b24.Pending[b24.ID] {
		return b24.Queue[b24.ID](&batch, "catalog.productPropertyEnum.add", b24.Params{"fields": b24.Params{
			"propertyId": of.Ref(), "value": name, "xmlId": name + suffix,
		}}, "productPropertyEnum", "id")
	}
	color, sizes := property("Color", "L", "N"), property("Sizes", "L", "Y")
	certificate, gallery := property("Certificate", "F", "N"), property("Gallery", "F", "Y")
	blue, large := value(color, "Blue"), value(sizes, "L")
	value(color, "Red") // a list with one value would be a yes or no, which stores no value
	value(sizes, "M")
	if _, err := c.CallBatch(ctx, &batch); err != nil {
		return ShirtProperties{}, err
	}
	ids := make([]b24.ID, 0, 6)
	for _, made := range []*b24.Pending[b24.ID]{color, blue, sizes, large, certificate, gallery} {
		id, err := made.Get()
		if err != nil {
			return ShirtProperties{}, err
		}
		ids = append(ids, id)
	}
	return ShirtProperties{ids[0], ids[1], ids[2], ids[3], ids[4], ids[5]}, nil
}

// AddShirt adds a product with its files and its price, and returns its id. If the files or the
// price are missing afterwards, the id comes with the error.
func AddShirt(ctx context.Context, c b24.Client, catalog b24.ID, p ShirtProperties, s Shirt) (b24.ID, error) {
	kinds, err := b24.Collect(b24.List[struct{ ID b24.ID }](ctx, c, "catalog.priceType.list", b24.Params{"select": []string{"id"}}))
	if err != nil {
		return "", err
	}
	if len(kinds) == 0 {
		return "", errors.New("the portal has no types of prices")
	}
	look := func(property b24.ID, files int) file.WriteOption {
		return file.WithVerify(func(*b24.AjaxResult) (file.Check, error) {
			return file.Check{Path: []string{"element", "property" + string(property)}, Files: files}, nil
		})
	}
	added, err := file.Write(ctx, c, "catalog.product.add", b24.Params{"fields": b24.Params{
		"iblockId": catalog, "name": s.Name,
		"property" + string(p.Color):       p.Blue,
		"property" + string(p.Sizes):       []b24.ID{p.Large},
		"property" + string(p.Certificate): file.Value(s.Certificate),
		"property" + string(p.Gallery):     file.Value(s.Gallery...),
	}}, look(p.Certificate, 1), look(p.Gallery, len(s.Gallery)))
	if added == nil {
		return "", err
	}
	id, decoded := b24.Decode[b24.ID](added, "element", "id")
	if err = errors.Join(err, decoded); err != nil {
		return id, err
	}
	if _, err = c.CallMethod(ctx, "catalog.price.add", b24.Params{"fields": b24.Params{
		"productId": id, "catalogGroupId": kinds[0].ID, "price": s.Price, "currency": s.Currency,
	}}); err != nil {
		err = fmt.Errorf("product %s was added without a price: %w", id, err)
	}
	return id, err
}
