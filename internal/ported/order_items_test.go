package ported_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/ported"
)

func seedOrder(p *b24test.Portal) {
	p.Seed("sale.order", b24.Params{"id": 891, "currency": "EUR"})
	p.Seed("catalog.product", b24.Params{"id": 7075, "iblockId": 23, "name": "Coffee machine"})
}

func TestAddOrderItem(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedOrder(p)

	machine, err := ported.AddOrderItem(t.Context(), hook, "891", ported.OrderItem{Product: "7075", XMLID: "m-1", Quantity: 4, Base: 1030, Price: 1100})
	require.NoError(t, err)
	setup, err := ported.AddOrderItem(t.Context(), hook, "891", ported.OrderItem{
		Product: "0", Name: "Equipment setup", Measure: "796", XMLID: "s-1", Quantity: 2, Base: 1000, Price: 900, VAT: 0.1,
	})
	require.NoError(t, err)

	assert.NotEqual(t, machine, setup)
	rows := p.Rows("sale.basketitem")
	require.Len(t, rows, 2)
	assert.Equal(t, "-70", fmt.Sprint(rows[0]["discountPrice"]))
	assert.Equal(t, "100", fmt.Sprint(rows[1]["discountPrice"]))
	assert.Equal(t, []any{"EUR", "Equipment setup", "Y"}, []any{rows[1]["currency"], rows[1]["name"], rows[1]["customPrice"]})
}

func TestAddOrderItemAfterLostAnswer(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedOrder(p)
	p.Fault("sale.basketitem.add", b24test.ResetAfter())
	item := ported.OrderItem{Product: "7075", XMLID: "m-1", Quantity: 1, Base: 10, Price: 10}

	_, err := ported.AddOrderItem(t.Context(), hook, "891", item)
	require.True(t, b24.MayHaveExecuted(err))
	id, err := ported.AddOrderItem(t.Context(), hook, "891", item)

	require.NoError(t, err)
	rows := p.Rows("sale.basketitem")
	require.Len(t, rows, 1)
	assert.EqualValues(t, fmt.Sprint(rows[0]["id"]), id)
}

func TestAddOrderItemRefused(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedOrder(p)

	_, err := ported.AddOrderItem(t.Context(), hook, "892", ported.OrderItem{Product: "7075", XMLID: "m-1"})
	require.Error(t, err)
	_, err = ported.AddOrderItem(t.Context(), hook, "891", ported.OrderItem{Product: "0", XMLID: "m-1"})
	require.ErrorContains(t, err, "needs a name")

	assert.Empty(t, p.Rows("sale.basketitem"))
}
