<?php
// Arrays, objects and strings. The argument is how many records.
mt_srand(1);
$n = (int) $argv[1];

class Node
{
    public $children = [];
    public $name;

    public function __construct(int $depth)
    {
        $this->name = 'node-' . mt_rand(0, 999) . str_repeat('n', mt_rand(0, 60));
        for ($k = $depth > 0 ? mt_rand(1, 4) : 0; $k > 0; $k--) {
            $this->children[] = new Node($depth - 1);
        }
    }

    public function size(): int
    {
        $size = strlen($this->name);
        foreach ($this->children as $child) {
            $size += $child->size();
        }
        return $size;
    }
}

$live = [];
$total = 0;
for ($i = 0; $i < $n; $i++) {
    $live['key-' . mt_rand(0, 1000)] = new Node(3);
    $parts = explode(',', implode(',', array_map('strval', range(1, mt_rand(2, 40)))));
    $total += count(array_unique(array_map('strrev', $parts)));
    $again = json_decode(json_encode(['id' => $i, 'parts' => $parts]), true);
    $total += count($again['parts']);
}
foreach ($live as $node) {
    $total += $node->size();
}
echo $total, ' ', count($live), "\n";
