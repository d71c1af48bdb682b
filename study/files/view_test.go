package files

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

func view(t *testing.T, content string) View {
	t.Helper()
	tables, err := Tables(strings.NewReader(content), int64(len(content)), "d.csv", Options{})
	require.NoError(t, err)
	require.Len(t, tables, 1)
	require.NoError(t, tables[0].Err())
	return tables[0].View()
}

func codes(v View) string {
	var out []string
	for _, n := range v.Notes {
		out = append(out, n.Code)
	}
	return strings.Join(out, " ")
}

// What is seen in a text: kinds by the cells, numbers with a point, what is missing.
func TestViewOfTexts(t *testing.T) {
	for name, c := range map[string]struct{ file, want, notes string }{
		"kinds": {"id,n,code,when,at,clock,word\n1,1.50,01,2024-02-29,2024-02-29 08:00:00,08:00,a\n2,NA,10,2024-03-01,2024-03-01T09:30,09:30:15,7\n",
			`{"sheet":null,"columns":[{"name":"id","type":"text"},{"name":"n","type":"number"},{"name":"code","type":"text"},{"name":"when","type":"date"},{"name":"at","type":"datetime"},{"name":"clock","type":"time"},{"name":"word","type":"text"}],` +
				`"rows":[["1","1.50","01","2024-02-29","2024-02-29T08:00:00","08:00","a"],["2",null,"10","2024-03-01","2024-03-01T09:30","09:30:15","7"]]}`, "view-no-value"},
		"decimal comma":          {"a;b\n1,5;2,125\n3;1,5\n", `{"sheet":null,"columns":[{"name":"a","type":"number"},{"name":"b","type":"number"}],"rows":[["1.5","2.125"],["3","1.5"]]}`, ""},
		"two readings":           {"a;b\n1.250;x\n3;y\n", `{"sheet":null,"columns":[{"name":"a","type":"text"},{"name":"b","type":"text"}],"rows":[["1.250","x"],["3","y"]]}`, ""},
		"NA in quotes is a word": {"a,b\n\"NA\",1\nx,2\n", `{"sheet":null,"columns":[{"name":"a","type":"text"},{"name":"b","type":"number"}],"rows":[["NA","1"],["x","2"]]}`, ""},
		"NA among quoted texts":  {"a,b\n\"x\",1\nNA,2\n\"NA\",3\n", `{"sheet":null,"columns":[{"name":"a","type":"text"},{"name":"b","type":"number"}],"rows":[["x","1"],[null,"2"],["NA","3"]]}`, "view-no-value"},
		"NA as among numbers":    {"a,b\nx,NA\nNA,2\n", `{"sheet":null,"columns":[{"name":"a","type":"text"},{"name":"b","type":"number"}],"rows":[["x",null],[null,"2"]]}`, "view-no-value"},
		"NA, a country":          {"a,b\nNL,1\nNA,2\n", `{"sheet":null,"columns":[{"name":"a","type":"text"},{"name":"b","type":"number"}],"rows":[["NL","1"],["NA","2"]]}`, ""},
		"dates either way":       {"a,b\n2024-02-01,1\n2024-03-01,2\n4-3-2024,3\n", `{"sheet":null,"columns":[{"name":"a","type":"date"},{"name":"b","type":"number"}],"rows":[["2024-02-01","1"],["2024-03-01","2"],["4-3-2024","3"]]}`, "view-dates-unlike"},
		"Castor":                 {"a,b\n1,x\n##USER_MISSING_95##,y\n", `{"sheet":null,"columns":[{"name":"a","type":"number"},{"name":"b","type":"text"}],"rows":[["1","x"],[{"missing":"##USER_MISSING_95##"},"y"]]}`, ""},
		"titles and remarks":     {"A trial, in 2024\nof knees\na;b;c\n1;2;x\n# all right\n3;4;y\n* sitting\n", `{"sheet":null,"columns":[{"name":"a","type":"number"},{"name":"b","type":"number"},{"name":"c","type":"text"}],"rows":[["1","2","x"],["3","4","y"]]}`, "header-found comment-lines footnotes"},
		"a row that lacks":       {"a,b,c\n1,2,3\n4,5\n", `{"sheet":null,"columns":[{"name":"a","type":"number"},{"name":"b","type":"number"},{"name":"c","type":"number"}],"rows":[["1","2","3"],["4","5"]]}`, "view-ragged"},
		"names of rows":          {"\"a\" \"b\"\n\"1\" 5 x\n\"2\" 6.5 y\n", `{"sheet":null,"columns":[{"name":"a","type":"number"},{"name":"b","type":"text"}],"rows":[["5","x"],["6.5","y"]]}`, "row-names"},
		"a last field unnamed":   {"a;b\n1;5;x\n1;6;y\n", `{"sheet":null,"columns":[{"name":"a","type":"number"},{"name":"b","type":"number"}],"rows":[["1","5","x"],["1","6","y"]]}`, "view-ragged"},
	} {
		v := view(t, c.file)
		got, err := json.Marshal(v)
		require.NoError(t, err)
		assert.Equal(t, c.want, string(got), name)
		assert.Equal(t, c.notes, codes(v), name)
	}
}

// A text has no sheets to name.
func TestTextHasNoSheets(t *testing.T) {
	const s = "a,b\n1,2\n"
	_, err := Tables(strings.NewReader(s), int64(len(s)), "d.csv", Options{Sheet: "Data"})
	assert.EqualError(t, err, `d.csv: the file is a text, which has no sheets; sheet "Data" cannot be read from it`)
}

// What is not surely a title, a comment or a remark is a row as others.
func TestRowsThatAreNotLeftOut(t *testing.T) {
	for _, file := range []string{
		"#id,a,b\n#1,2,3\n#2,3,4\n",      // # belongs to the names
		"a,b,c\n1,2,3\nS 13,,\n",         // somebody of whom nothing is known
		"a,b,c\n1,2,3\n\nTotal,9,9\n",    // two cells
		"a,b\n1,2\n* x\n",                // two columns
		"a,b,c,d\n1,2,3,4\n1,2,3,4\n",    // a header of letters
		"a,b,,,\n1,2,3,4,5\n1,2,3,4,5\n", // no row of words below
	} {
		v := view(t, file)
		assert.Empty(t, strings.ReplaceAll(codes(v), "view-ragged", ""), file)
	}
}

// A range to the lowest number there is (LOWEST in SPSS) is written short.
func TestViewOfMissingCodes(t *testing.T) {
	v := View{Sheet: "S", Hidden: true, Columns: []Column{{Name: "x", Label: "X", Kind: sheet.Number, Missing: []string{"-9"}, Ranged: true, Range: [2]float64{-math.MaxFloat64, -99},
		Labels: []sheet.Label{{Value: "2", Word: "b"}, {Value: "1", Word: "a"}}}}, Rows: [][]ViewCell{{{Text: "-9", Kind: sheet.Missing}}, {{}}, {{Text: "#N/A", Kind: sheet.Error}}}}
	got, err := json.Marshal(v)
	require.NoError(t, err)
	assert.Equal(t, `{"sheet":"S","hidden":true,"columns":[{"name":"x","label":"X","type":"number","value_labels":{"2":"b","1":"a"},"missing_codes":["-9"],`+
		`"missing_range":["-1.7976931348623157e+308","-99"]}],"rows":[[{"missing":"-9"}],[null],[{"error":"#N/A"}]]}`, string(got))
}
