package filter_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/filter"
)

func Example() {
	params := b24.Params{
		"select": []string{"id", "title"},
		"filter": filter.And(
			filter.Eq("status", "pending"),
			filter.Or(filter.In("id", 1, 2), filter.Gt("id", 100)),
		),
	}
	body, err := json.MarshalIndent(params, "", " ")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(body))
	// Output:
	// {
	//  "filter": [
	//   [
	//    "status",
	//    "=",
	//    "pending"
	//   ],
	//   {
	//    "type": "filter",
	//    "logic": "or",
	//    "conditions": [
	//     [
	//      "id",
	//      "in",
	//      [
	//       1,
	//       2
	//      ]
	//     ],
	//     [
	//      "id",
	//      "\u003e",
	//      100
	//     ]
	//    ]
	//   }
	//  ],
	//  "select": [
	//   "id",
	//   "title"
	//  ]
	// }
}

func ExampleNot() {
	fmt.Println(filter.Not(filter.In("status", "completed", "deferred")))
	// Output: {"type":"filter","logic":"and","negative":true,"conditions":[["status","in",["completed","deferred"]]]}
}

func ExampleBetween() {
	from := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	fmt.Println(filter.Between("timestampX", from, from.AddDate(0, 1, 0)))
	// Output: ["timestampX","between",["2026-03-01T00:00:00+00:00","2026-04-01T00:00:00+00:00"]]
}

func ExampleAnd_optional() {
	var mine filter.Node // no condition
	onlyMine := false
	if onlyMine {
		mine = filter.Eq("responsibleId", 1)
	}
	fmt.Println(filter.And(filter.Eq("status", "pending"), mine))
	// Output: [["status","=","pending"]]
}

func ExampleInSlice() {
	fmt.Println(filter.InSlice("id", []int64{3, 5, 8}))
	fmt.Println(filter.InSlice("id", []int64{}))
	// Output:
	// ["id","in",[3,5,8]]
	// ("id" in: no values are given)
}

func ExampleColumn() {
	fmt.Println(filter.Gt("changed", filter.Column("created")))
	// Output: ["changed",">",{"expression":"column","parameters":"created"}]
}

func ExampleLength() {
	fmt.Println(filter.Length("title").Gt(80))
	// Output: [{"expression":"length","parameters":"title"},">",80]
}
