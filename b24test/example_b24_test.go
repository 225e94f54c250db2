package b24test_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// placeOrder is the code under test. It puts an order into the portal once, also
// where the answer is lost: then it looks whether the deal is there.
func placeOrder(ctx context.Context, c b24.Client, number string) (b24.ID, error) {
	id, err := b24.Call[b24.ID](ctx, c, "crm.deal.add", b24.Params{
		"fields": b24.Params{"TITLE": "Order " + number, "ORIGIN_ID": number},
	})
	if err == nil || !b24.MayHaveExecuted(err) {
		return id, err
	}
	found, lookErr := b24.Call[[]struct{ ID b24.ID }](ctx, c, "crm.deal.list", b24.Params{
		"filter": b24.Params{"=ORIGIN_ID": number},
		"select": []string{"ID"},
	})
	if lookErr != nil || len(found) == 0 {
		return "", errors.Join(err, lookErr)
	}
	return found[0].ID, nil
}

// connect makes a client for a portal in memory. A portal on a socket needs no
// HTTP client: b24.FromWebhookURL(portal.WebhookURL()) is enough.
func connect(portal *b24test.Portal, opts ...b24.Option) *b24.Hook {
	hook, err := b24.FromWebhookURL(portal.WebhookURL(), append(opts, b24.WithHTTPClient(portal.HTTPClient()))...)
	if err != nil {
		panic(err)
	}
	return hook
}

// A test of code that uses the client: the portal is real HTTP, the rows are
// there, no network is needed.
func TestPlaceOrder(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	portal.Seed("crm.deal", b24.Params{"ID": 41, "TITLE": "Order 16", "ORIGIN_ID": "16"})
	hook, err := b24.FromWebhookURL(portal.WebhookURL())
	require.NoError(t, err)

	id, err := placeOrder(t.Context(), hook, "17")

	require.NoError(t, err)
	assert.EqualValues(t, "42", id)
	assert.Equal(t, "Order 17", portal.Rows("crm.deal")[1]["TITLE"])
}

// The portal creates the deal, and the connection breaks before the answer.
func TestALostAnswer(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	portal.Fault("crm.deal.add", b24test.ResetAfter())
	hook, err := b24.FromWebhookURL(portal.WebhookURL())
	require.NoError(t, err)

	_, err = hook.CallMethod(t.Context(), "crm.deal.add", b24.Params{"fields": b24.Params{"TITLE": "Order 17"}})

	assert.True(t, b24.MayHaveExecuted(err))
	assert.Equal(t, "Order 17", portal.Rows("crm.deal")[0]["TITLE"])
}

// Inside a bubble of testing/synctest time is fake: a test of a timeout takes no
// time, and the time it asserts is exact.
func TestPlaceOrderOnASlowPortal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := b24test.NewPortal(t) // made in the bubble: no socket
		portal.Fault("crm.deal.add", b24test.DelayAnswer(time.Minute))
		hook, err := b24.FromWebhookURL(portal.WebhookURL(),
			b24.WithHTTPClient(portal.HTTPClient()), b24.WithTimeout(5*time.Second))
		require.NoError(t, err)
		start := time.Now()

		id, err := placeOrder(t.Context(), hook, "17")

		require.NoError(t, err)
		assert.EqualValues(t, "1", id) // found, not created again
		assert.Equal(t, 5*time.Second, time.Since(start))
		assert.Equal(t, 1, portal.Calls("crm.deal.add"))
	})
}

func ExamplePortal_Seed() {
	portal, err := b24test.Start(b24test.WithMemory())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer portal.Close()
	portal.Seed("crm.item:1038", b24.Params{"title": "Contract", "ufCrm5Signed": true}) // a smart process

	item, err := b24.Call[b24.Params](context.Background(), connect(portal), "crm.item.get",
		b24.Params{"entityTypeId": 1038, "id": 1}, b24.WithResultKey("item"))
	fmt.Println(item["title"], item["ufCrm5Signed"], err)
	fmt.Println(portal.Rows("crm.item:1038")[0]["title"])
	// Output:
	// Contract Y <nil>
	// Contract
}

// A method of your own, and an error as the portal would send it.
func ExamplePortal_Handle_client() {
	portal, err := b24test.Start(b24test.WithMemory())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer portal.Close()
	portal.Handle("crm.deal.add", func(req b24test.Request) (any, error) {
		fields, _ := req.Params["fields"].(map[string]any)
		if fields["ORIGIN_ID"] == "" {
			return nil, &b24.Error{Code: "ERROR_ARGUMENT", Description: "Give the order a number"}
		}
		return 17, nil
	})
	hook := connect(portal)

	fmt.Println(placeOrder(context.Background(), hook, "A-1"))
	_, err = placeOrder(context.Background(), hook, "")
	fmt.Println(errors.Is(err, b24.ErrArgument))
	// Output:
	// 17 <nil>
	// true
}

// The portal creates the deal and the connection breaks before the answer.
func ExamplePortal_Fault_mayHaveExecuted() {
	portal, err := b24test.Start(b24test.WithMemory())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer portal.Close()
	portal.Fault("crm.deal.add", b24test.ResetAfter())
	hook := connect(portal)

	_, err = hook.CallMethod(context.Background(), "crm.deal.add", b24.Params{"fields": b24.Params{"TITLE": "Order 16"}})
	fmt.Println(b24.MayHaveExecuted(err), portal.Executed("crm.deal.add"))

	portal.Fault("crm.deal.add", b24test.ResetAfter(), b24test.ResetBefore())
	fmt.Println(placeOrder(context.Background(), hook, "17")) // executed: it finds the deal
	_, err = placeOrder(context.Background(), hook, "18")     // not executed: there is none
	fmt.Println(err != nil, len(portal.Rows("crm.deal")))
	// Output:
	// true 1
	// 2 <nil>
	// true 2
}

func ExamplePortal_Requests_client() {
	portal, err := b24test.Start(b24test.WithMemory())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer portal.Close()
	_, _ = placeOrder(context.Background(), connect(portal), "17")

	for _, req := range portal.Requests() {
		fmt.Println(req.Method, string(req.RawBody), req.Executed)
	}
	// Output:
	// crm.deal.add {"fields":{"ORIGIN_ID":"17","TITLE":"Order 17"}} true
}
