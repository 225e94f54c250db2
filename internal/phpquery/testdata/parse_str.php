<?php
// Answers the queries of parse_str.jsonl by PHP itself:
//   php parse_str.php < questions > parse_str.jsonl
// A line is {"query":..,"params":..}; with params, the query goes the way of a
// batch command, through parse_url first. A line PHP cannot answer in JSON is left out.
error_reporting(E_ALL & ~E_WARNING);
while (($line = fgets(STDIN)) !== false) {
    $row = json_decode($line);
    $query = $row->query;
    if (isset($row->params)) {
        $query = parse_url('crm.deal.add?' . $query)['query'] ?? '';
    }
    parse_str($query, $answer);
    $row->answer = $answer;
    $json = json_encode($row, JSON_UNESCAPED_SLASHES);
    if ($json !== false) {
        echo $json, "\n";
    }
}
