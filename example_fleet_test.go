package b24_test

import (
	"context"
	"fmt"
	"log"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// All processes that pass the same store share the portal's limit. A store for real processes is in
// the modules b24redis and b24sql.
func ExampleWithStore() {
	portal, err := b24test.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer portal.Close()
	webhookURL, store := portal.WebhookURL(), b24.MemoryStore()

	hook, err := b24.FromWebhookURL(webhookURL, b24.WithPlan(b24.PlanStandard), b24.WithStore(store))
	if err != nil {
		log.Fatal(err)
	}
	defer hook.Close()

	if _, err = hook.CallMethod(context.Background(), "server.time", nil); err != nil {
		log.Fatal(err)
	}
	budget := hook.Budget()
	fmt.Println(budget.PerSecond, "requests per second, processes:", budget.Members)
	// Output: 2 requests per second, processes: 1
}

// An export leaves a part of the portal's limit to calls that somebody waits for.
func ExampleWithPriority() {
	portal, err := b24test.Start(b24test.WithMemory())
	if err != nil {
		log.Fatal(err)
	}
	defer portal.Close()
	portal.Seed("crm.deal", b24.Params{"TITLE": "Order 12"}, b24.Params{"TITLE": "Order 13"})
	h, err := b24.FromWebhookURL(portal.WebhookURL(), b24.WithHTTPClient(portal.HTTPClient()))
	if err != nil {
		log.Fatal(err)
	}
	defer h.Close()

	type deal struct {
		Title string `json:"TITLE"`
	}
	for d, err := range b24.List[deal](context.Background(), h, "crm.deal.list", nil, b24.WithPriority(b24.PriorityBackground)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(d.Title)
	}
	// Output:
	// Order 12
	// Order 13
}
