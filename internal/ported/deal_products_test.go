package ported_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/ported"
)

func seedCatalog(p *b24test.Portal) {
	p.Seed("catalog.product", b24.Params{"id": 1242, "iblockId": 23, "name": "Free"}, b24.Params{"id": 1243, "iblockId": 23, "name": "Monitor"})
	p.Seed("catalog.price",
		b24.Params{"productId": 1242, "catalogGroupId": 1, "price": 0, "currency": "EUR"},
		b24.Params{"productId": 1243, "catalogGroupId": 1, "price": 1000, "currency": "EUR"},
	)
}

func TestAddDealWithProducts(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedCatalog(p)

	id, err := ported.AddDealWithProducts(t.Context(), hook, "23", "With products")

	require.NoError(t, err)
	deal := p.Rows("crm.deal")[0]
	assert.EqualValues(t, deal["ID"], id)
	assert.Equal(t, [2]any{"With products", "EUR"}, [2]any{deal["TITLE"], deal["CURRENCY_ID"]})
	rows, err := b24.Collect(b24.List[struct {
		ProductID    b24.ID
		Price        b24.Float
		DiscountSum  b24.Float
		DiscountRate b24.Float
		TaxIncluded  b24.Bool
	}](t.Context(), hook, "crm.item.productrow.list", b24.Params{"filter": b24.Params{"=ownerType": "D", "=ownerId": id}, "order": b24.Params{"id": "asc"}}))
	require.NoError(t, err)
	require.Len(t, rows, 4)
	var prices []b24.Float
	for _, row := range rows {
		assert.EqualValues(t, "1243", row.ProductID)
		prices = append(prices, row.Price)
	}
	assert.Equal(t, []b24.Float{1000, 1000, 900, 900}, prices)
	assert.False(t, bool(rows[0].TaxIncluded))
	assert.True(t, bool(rows[1].TaxIncluded))
	assert.InDelta(t, 100, float64(rows[2].DiscountSum), 0)
	assert.InDelta(t, 10, float64(rows[3].DiscountRate), 0)
}

func TestAddDealWithProductsRefused(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedCatalog(p)

	_, err := ported.AddDealWithProducts(t.Context(), hook, "24", "x")
	require.ErrorContains(t, err, "no product")
	assert.Empty(t, p.Rows("crm.deal"))

	p.Fault("crm.item.productrow.set", b24test.Refuse(&b24.Error{Code: "ACCESS_DENIED"}))
	id, err := ported.AddDealWithProducts(t.Context(), hook, "23", "x")
	require.ErrorIs(t, err, b24.Code("ACCESS_DENIED"))
	assert.EqualValues(t, p.Rows("crm.deal")[0]["ID"], id, "the deal to go on with")
}
