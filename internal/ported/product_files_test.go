package ported_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/file"
	"github.com/b24go/b24/internal/ported"
)

func textFile(name string) file.File {
	return file.File{Name: name, Body: strings.NewReader("content of " + name)}
}

func shirt() ported.Shirt {
	return ported.Shirt{
		Name: "Printed T-shirt", Certificate: textFile("certificate.pdf"), Gallery: []file.File{textFile("1.jpg"), textFile("2.jpg")},
		Price: 4900, Currency: "EUR",
	}
}

func TestAddShirt(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)

	ids, err := ported.AddShirtProperties(t.Context(), hook, "23", "_1")
	require.NoError(t, err)
	id, err := ported.AddShirt(t.Context(), hook, "23", ids, shirt())

	require.NoError(t, err)
	var names []string
	for _, f := range p.Files() {
		names = append(names, f.Name)
		assert.Equal(t, "content of "+f.Name, string(f.Content))
	}
	assert.Equal(t, []string{"certificate.pdf", "1.jpg", "2.jpg"}, names)
	row := p.Rows("catalog.product")[0]
	assert.Equal(t, "Printed T-shirt", row["name"])
	assert.Equal(t, string(ids.Blue), row["property"+string(ids.Color)].(map[string]any)["value"])
	price := p.Rows("catalog.price")[0]
	assert.EqualValues(t, price["productId"], id)
	assert.Equal(t, "EUR", price["currency"])
}

func TestAddShirtRefused(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	ids, err := ported.AddShirtProperties(t.Context(), hook, "23", "")
	require.NoError(t, err)

	_, err = ported.AddShirtProperties(t.Context(), hook, "23", "")
	require.ErrorContains(t, err, "Error adding property", "the codes are taken")
	_, err = ported.AddShirt(t.Context(), hook, "99", ids, shirt())
	require.Error(t, err)
	assert.Empty(t, p.Rows("catalog.product"))

	gone := ids
	gone.Gallery = "777"
	id, err := ported.AddShirt(t.Context(), hook, "23", gone, shirt())
	require.ErrorIs(t, err, file.ErrNotStored, "a portal says nothing of a property that does not exist")
	assert.True(t, b24.MayHaveExecuted(err))
	assert.EqualValues(t, p.Rows("catalog.product")[0]["id"], id)

	p.Fault("catalog.price.add", b24test.Refuse(&b24.Error{Code: "ACCESS_DENIED"}))
	id, err = ported.AddShirt(t.Context(), hook, "23", ids, shirt())
	require.ErrorContains(t, err, "without a price")
	assert.NotEmpty(t, id)
	assert.Empty(t, p.Rows("catalog.price"))
}

func TestAddShirtAfterLostAnswer(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	ids, err := ported.AddShirtProperties(t.Context(), hook, "23", "")
	require.NoError(t, err)
	p.Fault("catalog.product.add", b24test.ResetAfter())

	_, err = ported.AddShirt(t.Context(), hook, "23", ids, shirt())

	assert.True(t, b24.MayHaveExecuted(err))
	assert.Len(t, p.Rows("catalog.product"), 1, "it is not sent twice")
	assert.Empty(t, p.Rows("catalog.price"))
}
