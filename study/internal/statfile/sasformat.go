package statfile

import (
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// sasKind is what a SAS format says of a number: its kind and clock. OfDay is a
// format that writes the hours of a date-time as those of a time.
type sasKind struct {
	kind  sheet.Kind
	clock clock
	ofDay bool
}

// sasFormats are formats that write a date, a date-time or a time of day, from
// the dictionary of formats of SAS 9.4. A format that writes a part of a date
// (the month) stands before a whole one.
var sasFormats = func() map[string]sasKind {
	out := map[string]sasKind{}
	add := func(k sasKind, names string) {
		for name := range strings.FieldsSeq(names) {
			// "YYMMDD*" has variants with a letter for the sign between its parts.
			stem, variants := strings.CutSuffix(name, "*")
			out[stem] = k
			if variants {
				for _, sign := range "BCDNPS" {
					out[stem+string(sign)] = k
				}
			}
			// Basic and extended forms of ISO 8601.
			if iso, ok := strings.CutPrefix(name, "E8601"); ok {
				out["B8601"+iso], out["IS8601"+iso], out["ND8601"+iso] = k, k, k
			}
		}
	}
	add(sasKind{kind: sheet.Date, clock: sasDays}, `DATE DAY DDMMYY* DOWNAME EURDFDD EURDFDE EURDFDN EURDFDWN EURDFMN EURDFMY EURDFWDX EURDFWKX HDATE HEBDATE
		JULDAY JULIAN MINGUO MMDDYY* MMYY* MONNAME MONTH MONYY NENGO NLDATE NLDATEL NLDATEM NLDATEMD NLDATEMDL NLDATEMDM NLDATEMDS NLDATEMN NLDATES
		NLDATEW NLDATEWN NLDATEYM NLDATEYML NLDATEYMM NLDATEYMS NLDATEYQ NLDATEYQL NLDATEYQM NLDATEYQS NLDATEYR NLDATEYW PDJULG PDJULI QTR QTRR
		WEEKDATE WEEKDATX WEEKDAY WEEKU WEEKV WEEKW WORDDATE WORDDATX YEAR YYMM* YYMMDD* YYMON YYQ* YYQR* YYQZ YYWEEKU YYWEEKV YYWEEKW E8601DA`)
	add(sasKind{kind: sheet.DateTime, clock: seconds1960}, `DATETIME DATEAMPM DTDATE DTMONYY DTWKDATX DTYEAR DTYYQC EURDFDT MDYAMPM E8601DN E8601DT E8601DX E8601DZ E8601LX
		NLDATM NLDATMAP NLDATMDT NLDATML NLDATMM NLDATMMD NLDATMMDL NLDATMMDM NLDATMMDS NLDATMMN NLDATMS NLDATMTM NLDATMTZ NLDATMW NLDATMWN NLDATMWZ
		NLDATMYM NLDATMYML NLDATMYMM NLDATMYMS NLDATMYQ NLDATMYQL NLDATMYQM NLDATMYQS NLDATMYR NLDATMYW NLDATMZ`)
	add(sasKind{kind: sheet.Time, clock: seconds1960}, `TIME HHMM HOUR MMSS NLTIME E8601TM E8601TX E8601TZ E8601LZ`)
	add(sasKind{kind: sheet.Time, clock: seconds1960, ofDay: true}, `TOD TIMEAMPM NLTIMAP`)
	return out
}()

// plainSAS are formats that write a number or a text as it is, or in another
// way of writing; what begins as one of plainSASBegin does so too.
var plainSAS = func() map[string]bool {
	out := map[string]bool{"": true}
	for name := range strings.FieldsSeq(`BEST BESTD BESTX BINARY COMMA COMMAX D DOLLAR DOLLARX E EURO EUROX F FLOAT FRACT HEX IB IBR IEEE LOGPROB
		NEGPAREN NUMX OCTAL ODDSR PCPIB PD PERCENT PERCENTN PIB PIBR PK PVALUE RB ROMAN SIZEK SIZEKB SIZEKMG SSN VAXRB WORDF WORDS YEN Z ZD
		$ $ASCII $BASE64X $BINARY $CHAR $CSTR $EBCDIC $F $HEX $KANJI $MSGCASE $N $OCTAL $QUOTE $REVERJ $REVERS $UPCASE $VARYING`) {
		out[name] = true
	}
	return out
}()

var plainSASBegin = []string{"NLMNY", "NLMNL", "NLNUM", "NLPCT", "NLBEST", "S370F", "VMSZ", "$N8601", "$UCS", "$UTF", "$UESC", "$UNCR", "$PHEX", "$BIDI", "$LOGVS", "$VSLOG"}

// sasFormat is what a format says of a variable. A format that is not known may
// hold words for codes: SAS keeps those outside the file.
func sasFormat(name string, isText bool) (k sasKind, known bool) {
	name = strings.TrimRight(strings.ToUpper(strings.TrimSpace(name)), "0123456789.")
	if isText {
		name = "$" + strings.TrimLeft(name, "$")
	} else if k, ok := sasFormats[name]; ok {
		return k, true
	}
	k.kind = sheet.Number
	if plainSAS[name] {
		return k, true
	}
	for _, begin := range plainSASBegin {
		if strings.HasPrefix(name, begin) {
			return k, true
		}
	}
	return k, false
}
