package b24_test

import (
	"encoding/json"
	"fmt"

	"github.com/b24go/b24"
)

// A link to a file is a credential. It shows itself only to who asks for it.
func ExampleFileURL() {
	var row struct {
		Name string      `json:"NAME"`
		Link b24.FileURL `json:"DOWNLOAD_URL"`
	}
	answer := `{"NAME":"report.pdf","DOWNLOAD_URL":"https://acme.bitrix24.com/rest/1/xxxxxx/download/?token=disk%7Cx%7Cy"}`
	if err := json.Unmarshal([]byte(answer), &row); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+v\n", row)
	fmt.Println(row.Link.IsZero(), len(row.Link.Reveal()))
	// Output:
	// {Name:report.pdf Link:***}
	// false 68
}
