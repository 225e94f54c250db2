package file_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/file"
)

func TestWriteLooksOnce(t *testing.T) {
	t.Parallel()
	for field, n := range map[string]int{
		`null`: 0, `""`: 0, `false`: 0, `[]`: 0, `{}`: 0, `0`: 0, `"0"`: 0, `[null]`: 0, `[""]`: 0,
		`5`: 1, `"5"`: 1, `{"id":5,"url":"x"}`: 1, `[{"id":5}]`: 1, `[5,6]`: 2, `[{"id":5},{"id":6},null]`: 2, `{"3693":"5","3694":"6"}`: 2, `{"3693":""}`: 0, `[[]]`: 0,
	} {
		for want := 1; want <= 2; want++ {
			p := newPortal(func(*http.Request, int) *answer {
				return jsonReply(200, `{"result":{"item":{"id":7,"ufFile":`+field+`}}}`)
			})
			r, err := file.Write(t.Context(), p.hook(t), "crm.item.add", b24.Params{"entityTypeId": 2},
				file.WithVerify(func(*b24.AjaxResult) (file.Check, error) {
					return file.Check{Path: []string{"item", "ufFile"}, Files: want}, nil
				}))
			require.NotNil(t, r)
			assert.Equal(t, n < want, errors.Is(err, file.ErrNotStored), field)
			assert.Len(t, p.requests(), 1)
		}
	}
}

func TestWriteThatCannotLook(t *testing.T) {
	t.Parallel()
	p := newPortal(func(r *http.Request, _ int) *answer {
		if strings.Contains(r.URL.Path, "crm.deal.get") {
			return jsonReply(400, `{"error":"ACCESS_DENIED","error_description":"`+secret+`"}`)
		}
		return jsonReply(200, `{"result":7}`)
	})
	h := p.hook(t)
	var id b24.ID
	r, err := file.Write(t.Context(), h, "crm.deal.add", nil, nil, file.WithCallOptions(b24.WithRequestID("own")), file.WithVerify(func(written *b24.AjaxResult) (c file.Check, err error) {
		id, err = b24.Decode[b24.ID](written)
		return file.Check{Method: "crm.deal.get", Params: b24.Params{"id": id}, Path: []string{"UF_CRM_1"}}, err
	}))
	require.NotNil(t, r)
	assert.Equal(t, b24.ID("7"), id)
	require.ErrorIs(t, err, b24.ErrAccessDenied)
	var e *b24.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "crm.deal.get", e.Method)
	assert.True(t, b24.MayHaveExecuted(err), "the look was refused, but the write was executed")
	harmless(t, err)
	assert.Equal(t, "own", p.requests()[0].header.Get("X-Request-Id"))

	missing := file.WithVerify(func(*b24.AjaxResult) (file.Check, error) { return file.Check{Path: []string{"no", "such"}}, nil })
	_, err = file.Write(t.Context(), h, "crm.deal.add", nil, missing)
	require.ErrorIs(t, err, file.ErrNotStored)
	_, err = file.Write(t.Context(), h, "crm.deal.add", nil, file.WithVerify(nil))
	require.ErrorContains(t, err, "nil")
	r, err = file.Write(t.Context(), h, "crm.deal.get", nil, missing)
	require.ErrorIs(t, err, b24.ErrAccessDenied)
	assert.Nil(t, r)
	assert.False(t, b24.MayHaveExecuted(err))
}
