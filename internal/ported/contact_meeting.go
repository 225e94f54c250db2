package ported

import (
	"context"
	"fmt"
	"time"

	"github.com/b24go/b24"
)

// Meeting is a meeting with a contact.
type Meeting struct {
	// Subject is the title in the timeline and in the calendar; Text describes the meeting.
	Subject, Text string
	// Start is when it begins.
	Start time.Time
	// Length is how long it takes.
	Length time.Duration
}

// AddMeeting puts a meeting into the timeline of a contact and into the calendar of the employee
// who is responsible for the contact. It returns the id of the activity. Each run adds one more.
func AddMeeting(ctx context.Context, c b24.Client, contact b24.ID, m Meeting) (b24.ID, error) {
	client, err := b24.Call[struct {
		Phone       []struct{ Value string }
		Responsible b24.ID `json:"ASSIGNED_BY_ID"`
	}](ctx, c, "crm.contact.get", b24.Params{"id": contact})
	if err != nil {
		return "", err
	}
	if len(client.Phone) == 0 {
		return "", fmt.Errorf("contact %s has no phone, which a meeting needs", contact)
	}
	return b24.Call[b24.ID](ctx, c, "crm.activity.add", b24.Params{"fields": b24.Params{
		"TYPE_ID":          1, // a meeting: nothing else appears in the calendar
		"OWNER_TYPE_ID":    3, // of a contact
		"OWNER_ID":         contact,
		"SUBJECT":          m.Subject,
		"DESCRIPTION":      m.Text,
		"DESCRIPTION_TYPE": 1, // plain text
		"START_TIME":       b24.DateTime{Time: m.Start},
		"END_TIME":         b24.DateTime{Time: m.Start.Add(m.Length)},
		"RESPONSIBLE_ID":   client.Responsible,
		"COMMUNICATIONS":   []b24.Params{{"VALUE": client.Phone[0].Value, "ENTITY_TYPE_ID": 3, "ENTITY_ID": contact}},
	}})
}
