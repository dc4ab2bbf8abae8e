// Made by `cargo run -p exercises`: what the stages answer to the exercises of the book.
window.heapExercises = {
  "p0-faults": [
    {
      "label": "Whole huge pages in the mapping",
      "kind": "number",
      "answers": {
        "127": {
          "right": true,
          "why": "256 MiB are 128 of them; but the mapping starts and ends within one."
        },
        "128": {
          "right": false,
          "why": "Only if the mapping began at a multiple of 2 MiB. It begins at a page."
        }
      },
      "otherwise": "How many times does 2 MiB go into 256 MiB? And where does the mapping begin?"
    },
    {
      "label": "KiB that these make resident",
      "kind": "number",
      "answers": {
        "16384": {
          "right": false,
          "why": "That is with small pages, of which only each 16th is touched. A huge page is resident as a whole."
        },
        "260096": {
          "right": true,
          "why": "A huge page is resident as a whole once a byte of it is written."
        },
        "508": {
          "right": false,
          "why": "A fault on a huge page brings 2 MiB, not 4 KiB."
        }
      },
      "otherwise": "Each has 2,048 KiB, and is resident as a whole."
    }
  ],
  "p0-header": [
    {
      "label": "Bytes of the block for a request of 24",
      "kind": "number",
      "answers": {
        "24": {
          "right": false,
          "why": "The header has 4 bytes of its own."
        },
        "28": {
          "right": false,
          "why": "Then the next payload would begin 28 bytes behind this one, at no multiple of 8."
        },
        "32": {
          "right": true,
          "why": "24 + 4 is 28, and the next header must again leave 4 when divided by 8."
        }
      },
      "otherwise": "Add the header, and round the sum up to 8."
    },
    {
      "label": "Bytes of the block for a request of 28",
      "kind": "number",
      "answers": {
        "32": {
          "right": true,
          "why": "28 + 4 is 32: nothing is left over."
        },
        "40": {
          "right": false,
          "why": "The sum with the header is a multiple of 8 already, and stays."
        }
      },
      "otherwise": "Add the header, and round the sum up to 8."
    },
    {
      "label": "Bytes of the block for a request of 29",
      "kind": "number",
      "answers": {
        "33": {
          "right": false,
          "why": "Rounded up to 8, or the next payload is misaligned."
        },
        "40": {
          "right": true,
          "why": "One byte more than fits: 33 becomes 40."
        }
      },
      "otherwise": "Add the header, and round the sum up to 8."
    }
  ],
  "p0-padding": [
    {
      "label": "The offset of c",
      "kind": "number",
      "answers": {
        "16": {
          "right": true,
          "why": "b takes 8 to 15, and 16 is a multiple of 2."
        },
        "9": {
          "right": false,
          "why": "That is without padding: a u64 must start at a multiple of 8, so b does not follow a at once."
        }
      },
      "otherwise": "Place each field at the next multiple of its alignment: a at 0, b at 8."
    },
    {
      "label": "The size of the struct",
      "kind": "number",
      "answers": {
        "15": {
          "right": false,
          "why": "That is the sum of the fields. There is padding between them."
        },
        "24": {
          "right": true,
          "why": "d ends at 24, a multiple of the largest alignment, 8. 9 bytes are padding."
        }
      },
      "otherwise": "d starts at the multiple of 4 behind c. The size is rounded up to the largest alignment, 8."
    },
    {
      "label": "The least size in any order",
      "kind": "number",
      "answers": {
        "15": {
          "right": false,
          "why": "The size is a multiple of the alignment, or the next struct of an array would be misaligned."
        },
        "16": {
          "right": true,
          "why": "With the largest alignment first the fields need no padding, and 15 is rounded up to 16."
        }
      },
      "otherwise": "Sort the fields by alignment, largest first, and round the sum up to 8."
    }
  ],
  "p0-promises": [
    {
      "label": "Promises that it breaks",
      "kind": "checks",
      "options": [
        "P1",
        "P2",
        "P3",
        "P4",
        "P5",
        "P6",
        "P7"
      ],
      "answers": {
        "P1": {
          "right": true,
          "why": "after a wrap the test passes, and the block begins outside of the region."
        },
        "P2": {
          "right": true,
          "why": "a block that wraps around zero reaches over the blocks at the region's start."
        },
        "P3": {
          "right": false,
          "why": "nothing is ever moved or written to, so contents and addresses stay."
        },
        "P4": {
          "right": false,
          "why": "it takes nothing back, and does not have to: `reclaims` may say so."
        },
        "P5": {
          "right": true,
          "why": "the cursor moves before the test, so a request that fails spoils all later ones."
        },
        "P6": {
          "right": true,
          "why": "the cursor does not move for 0 bytes, so the next block has the same address."
        },
        "P7": {
          "right": true,
          "why": "in a debug build the addition panics when it overflows."
        }
      },
      "otherwise": "Choose every promise that some sequence of requests breaks."
    }
  ],
  "p0-round": [
    {
      "label": "0x2f31, rounded up to a multiple of 16",
      "kind": "number",
      "answers": {
        "12080": {
          "right": false,
          "why": "That is rounding down: the mask alone, without the addition before."
        },
        "12096": {
          "right": true,
          "why": "0x2f31 + 0xf is 0x2f40, and its low four bits are zero already."
        },
        "12097": {
          "right": false,
          "why": "Add 15, not 16, and clear the low four bits."
        }
      },
      "otherwise": "Add 0xf, then clear the low four bits: the last hexadecimal digit becomes 0."
    },
    {
      "label": "The formula with a = 13 and n = 12",
      "kind": "number",
      "answers": {
        "16": {
          "right": true,
          "why": "13 + 11 is 24, 11000 in bits; !11 clears bits 0, 1 and 3, which leaves 10000. The next multiple of 12 is 24."
        },
        "24": {
          "right": false,
          "why": "That is the next multiple of 12. The formula comes to something else: compute 24 & !11 in bits."
        }
      },
      "otherwise": "13 + 11 is 24, or 11000. 11 is 1011: which bits does !11 clear?"
    }
  ],
  "p1-address": [
    {
      "label": "Offset of the third block",
      "kind": "number",
      "answers": {
        "128": {
          "right": false,
          "why": "The cursor is at 144 already, so 128 is taken."
        },
        "140": {
          "right": false,
          "why": "Sizes are rounded up to 8, and this request asks for a multiple of 64."
        },
        "144": {
          "right": false,
          "why": "That is the cursor. This request asks for a multiple of 64."
        },
        "192": {
          "right": true,
          "why": "100 takes 104, and 40 takes 40: the cursor is at 144. The next multiple of 64 is 192."
        }
      },
      "otherwise": "Add the sizes, each rounded up to 8, and round the sum up to 64."
    },
    {
      "label": "Offset of the fourth block",
      "kind": "number",
      "answers": {
        "144": {
          "right": false,
          "why": "The bytes that the alignment skipped are lost: the cursor never goes back to them."
        },
        "200": {
          "right": true,
          "why": "8 bytes behind the third, and 200 needs no rounding."
        }
      },
      "otherwise": "It begins where the third one ends."
    }
  ],
  "p1-frees": [
    {
      "label": "Bytes before the cursor after B was freed",
      "kind": "number",
      "answers": {
        "64": {
          "right": false,
          "why": "Only the last block comes back, and that is C."
        },
        "96": {
          "right": true,
          "why": "C lies behind B, so B is not the last block, and nothing happens."
        }
      },
      "otherwise": "Is B the block that ends at the cursor?"
    },
    {
      "label": "Bytes before the cursor after C was freed as well",
      "kind": "number",
      "answers": {
        "32": {
          "right": false,
          "why": "The cursor stops where C began. That B is free was never written down."
        },
        "64": {
          "right": true,
          "why": "C was the last block. The cursor goes back to its start, and no further."
        }
      },
      "otherwise": "The cursor moves back by one block."
    },
    {
      "label": "Bytes before the cursor after A was freed as well",
      "kind": "number",
      "answers": {
        "0": {
          "right": false,
          "why": "Everything is free, and the allocator does not know."
        },
        "32": {
          "right": false,
          "why": "A is not the last block."
        },
        "64": {
          "right": true,
          "why": "A does not end at the cursor: B's bytes lie between them, free and forgotten."
        }
      },
      "otherwise": "Does A end at the cursor?"
    }
  ],
  "p1-immortal": [
    {
      "label": "Messages until one is refused",
      "kind": "number",
      "answers": {
        "2": {
          "right": false,
          "why": "There is room for more than two. What does a free bring back?"
        },
        "31": {
          "right": true,
          "why": "1,008 bytes are left beside the session, room for 31 messages. Each freed one has a newer one behind it."
        },
        "32": {
          "right": false,
          "why": "The session takes 16 bytes."
        }
      },
      "otherwise": "How many times does 32 go into 1,024 − 16, if nothing ever comes back?"
    },
    {
      "label": "What would serve messages for ever?",
      "kind": "choice",
      "options": [
        "Free the newer message first",
        "A larger heap",
        "Messages of 24 bytes"
      ],
      "answers": {
        "A larger heap": {
          "right": false,
          "why": "That is later, not never."
        },
        "Free the newer message first": {
          "right": true,
          "why": "Then each free is that of the last block: the order of a stack."
        },
        "Messages of 24 bytes": {
          "right": false,
          "why": "That is later, not never."
        }
      },
      "otherwise": "Which free moves the cursor?"
    }
  ],
  "p1-wrap": [
    {
      "label": "The test `cursor + size <= end`",
      "kind": "choice",
      "options": [
        "grants it",
        "refuses it"
      ],
      "answers": {
        "grants it": {
          "right": true,
          "why": "The sum wraps around to 0x800, which is below the end."
        },
        "refuses it": {
          "right": false,
          "why": "Compute the sum in 64 bits: the carry is lost."
        }
      },
      "otherwise": "Compute both sides in 64 bits."
    },
    {
      "label": "The test `size <= end - cursor`",
      "kind": "choice",
      "options": [
        "grants it",
        "refuses it"
      ],
      "answers": {
        "grants it": {
          "right": false,
          "why": "What is left is 0x1000, and the size is far more."
        },
        "refuses it": {
          "right": true,
          "why": "What is left is 0x1000, and the cursor never passes the end: nothing can wrap."
        }
      },
      "otherwise": "Compute both sides in 64 bits."
    }
  ],
  "p2-header": [
    {
      "label": "The eight bytes before the payload",
      "kind": "bytes",
      "answers": {
        "00 00 00 0e 55 53 45 44": {
          "right": false,
          "why": "x86 stores the lowest byte first."
        },
        "0c 00 00 00 55 53 45 44": {
          "right": false,
          "why": "100 is no multiple of 8: round it up, and add the header."
        },
        "0d 00 00 00 55 53 45 44": {
          "right": false,
          "why": "The header counts: the size is that of the whole block."
        },
        "0e 00 00 00 55 53 45 44": {
          "right": true,
          "why": "100 is rounded up to 104, and the header makes it 112: 14 granules, or 0e. Then USED."
        },
        "70 00 00 00 55 53 45 44": {
          "right": false,
          "why": "112 bytes is right. The size is counted in granules of 8."
        }
      },
      "otherwise": "Four bytes of size in granules, header included, the lowest first; then the letters USED in ASCII."
    },
    {
      "label": "The same after `free`",
      "kind": "bytes",
      "answers": {
        "0e 00 00 00 46 52 45 45": {
          "right": true,
          "why": "The size stays. Only the state changes, to FREE."
        },
        "0e 00 00 00 55 53 45 44": {
          "right": false,
          "why": "Then a second free would not be seen."
        }
      },
      "otherwise": "The size stays, and the four letters become FREE: 46 52 45 45."
    },
    {
      "label": "Bytes that the caller may use",
      "kind": "number",
      "answers": {
        "100": {
          "right": false,
          "why": "The caller may use the whole payload, which was rounded up."
        },
        "104": {
          "right": true,
          "why": "The block without its header."
        },
        "112": {
          "right": false,
          "why": "The header is the allocator's."
        }
      },
      "otherwise": "The size of the block, less the header."
    }
  ],
  "p2-order": [
    {
      "label": "Free in the order",
      "kind": "sequence",
      "options": [
        "A",
        "B",
        "C"
      ],
      "length": 3,
      "answers": {
        "A, B, C": {
          "right": false,
          "why": "malloc(24) takes C, malloc(40) takes B, malloc(64) takes a new block."
        },
        "A, C, B": {
          "right": false,
          "why": "malloc(24) takes B, malloc(40) takes C, malloc(64) takes a new block."
        },
        "B, A, C": {
          "right": false,
          "why": "malloc(24) takes C, malloc(40) takes B, malloc(64) takes a new block."
        },
        "B, C, A": {
          "right": false,
          "why": "malloc(24) takes A, malloc(40) takes C, malloc(64) takes a new block."
        },
        "C, A, B": {
          "right": false,
          "why": "malloc(24) takes B, malloc(40) takes C, malloc(64) takes a new block."
        },
        "C, B, A": {
          "right": true,
          "why": "malloc(24) takes A, malloc(40) takes B, malloc(64) takes C."
        }
      },
      "otherwise": "Free each block once."
    }
  ],
  "p2-reuse": [
    {
      "label": "The first malloc(40) takes",
      "kind": "choice",
      "options": [
        "A",
        "B",
        "C",
        "a new block"
      ],
      "answers": {
        "A": {
          "right": false,
          "why": "A is the first on the list, but it has 24 bytes: it is looked at and passed over. Not so here."
        },
        "B": {
          "right": false,
          "why": "B was freed before C, so C comes before it on the list. Not so here."
        },
        "C": {
          "right": true,
          "why": "C was freed after B, so it comes first of the two that fit."
        },
        "a new block": {
          "right": false,
          "why": "A block is cut at the end only if no block on the list is large enough. Not so here."
        }
      },
      "otherwise": "The list is A, C, B: the block freed last is first."
    },
    {
      "label": "The second takes",
      "kind": "choice",
      "options": [
        "A",
        "B",
        "C",
        "a new block"
      ],
      "answers": {
        "A": {
          "right": false,
          "why": "A is the first on the list, but it has 24 bytes: it is looked at and passed over. Not so here."
        },
        "B": {
          "right": true,
          "why": "B was freed before C, so C comes before it on the list."
        },
        "C": {
          "right": false,
          "why": "C was freed after B, so it comes first of the two that fit. Not so here."
        },
        "a new block": {
          "right": false,
          "why": "A block is cut at the end only if no block on the list is large enough. Not so here."
        }
      },
      "otherwise": "The list is A, C, B: the block freed last is first."
    },
    {
      "label": "The third takes",
      "kind": "choice",
      "options": [
        "A",
        "B",
        "C",
        "a new block"
      ],
      "answers": {
        "A": {
          "right": false,
          "why": "A is the first on the list, but it has 24 bytes: it is looked at and passed over. Not so here."
        },
        "B": {
          "right": false,
          "why": "B was freed before C, so C comes before it on the list. Not so here."
        },
        "C": {
          "right": false,
          "why": "C was freed after B, so it comes first of the two that fit. Not so here."
        },
        "a new block": {
          "right": true,
          "why": "A block is cut at the end only if no block on the list is large enough."
        }
      },
      "otherwise": "The list is A, C, B: the block freed last is first."
    }
  ],
  "p2-waste": [
    {
      "label": "Bytes that the first malloc(56) gets beyond the request",
      "kind": "number",
      "answers": {
        "0": {
          "right": false,
          "why": "This stage does not cut a block: that is the next phase."
        },
        "144": {
          "right": true,
          "why": "The block of 200 goes out whole."
        }
      },
      "otherwise": "Which block is on the list, and how much of it goes out?"
    },
    {
      "label": "Bytes from its payload to that of the second malloc(56)",
      "kind": "number",
      "answers": {
        "200": {
          "right": false,
          "why": "There is a header between the two payloads."
        },
        "208": {
          "right": true,
          "why": "The list is empty, so a new block is cut behind the large one: 200 bytes and a header."
        },
        "64": {
          "right": false,
          "why": "The rest of the large block is nobody's to give."
        }
      },
      "otherwise": "The next payload begins behind the large block and a header of 8 bytes."
    }
  ],
  "p3-defeat-best": [
    {
      "label": "Requests",
      "kind": "sequence",
      "options": [
        "248",
        "1000",
        "1056",
        "1104"
      ],
      "length": 3,
      "answers": {
        "1000, 1000, 1000": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1000, 1000, 1056": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1000, 1000, 1104": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1000, 1000, 248": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "1000, 1056, 1000": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1000, 1056, 1056": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1000, 1056, 1104": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1000, 1056, 248": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "1000, 1104, 1000": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1000, 1104, 1056": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1000, 1104, 1104": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1000, 1104, 248": {
          "right": true,
          "why": "first fit serves 3 of 3, and best fit 2."
        },
        "1000, 248, 1000": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "1000, 248, 1056": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "1000, 248, 1104": {
          "right": true,
          "why": "first fit serves 3 of 3, and best fit 2."
        },
        "1000, 248, 248": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "1056, 1000, 1000": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1056, 1000, 1056": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1056, 1000, 1104": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1056, 1000, 248": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "1056, 1056, 1000": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1056, 1056, 1056": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1056, 1056, 1104": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1056, 1056, 248": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "1056, 1104, 1000": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1056, 1104, 1056": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1056, 1104, 1104": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1056, 1104, 248": {
          "right": true,
          "why": "first fit serves 3 of 3, and best fit 2."
        },
        "1056, 248, 1000": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "1056, 248, 1056": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "1056, 248, 1104": {
          "right": true,
          "why": "first fit serves 3 of 3, and best fit 2."
        },
        "1056, 248, 248": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "1104, 1000, 1000": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1104, 1000, 1056": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1104, 1000, 1104": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1104, 1000, 248": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 3."
        },
        "1104, 1056, 1000": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1104, 1056, 1056": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1104, 1056, 1104": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1104, 1056, 248": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 3."
        },
        "1104, 1104, 1000": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1104, 1104, 1056": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1104, 1104, 1104": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1104, 1104, 248": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1104, 248, 1000": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 3."
        },
        "1104, 248, 1056": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 3."
        },
        "1104, 248, 1104": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "1104, 248, 248": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "248, 1000, 1000": {
          "right": true,
          "why": "first fit serves 3 of 3, and best fit 2."
        },
        "248, 1000, 1056": {
          "right": true,
          "why": "first fit serves 3 of 3, and best fit 2."
        },
        "248, 1000, 1104": {
          "right": true,
          "why": "first fit serves 3 of 3, and best fit 2."
        },
        "248, 1000, 248": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "248, 1056, 1000": {
          "right": true,
          "why": "first fit serves 3 of 3, and best fit 2."
        },
        "248, 1056, 1056": {
          "right": true,
          "why": "first fit serves 3 of 3, and best fit 2."
        },
        "248, 1056, 1104": {
          "right": true,
          "why": "first fit serves 3 of 3, and best fit 2."
        },
        "248, 1056, 248": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "248, 1104, 1000": {
          "right": true,
          "why": "first fit serves 3 of 3, and best fit 2."
        },
        "248, 1104, 1056": {
          "right": true,
          "why": "first fit serves 3 of 3, and best fit 2."
        },
        "248, 1104, 1104": {
          "right": false,
          "why": "first fit serves 2 of 3, and best fit 2."
        },
        "248, 1104, 248": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "248, 248, 1000": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "248, 248, 1056": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "248, 248, 1104": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        },
        "248, 248, 248": {
          "right": false,
          "why": "first fit serves 3 of 3, and best fit 3."
        }
      },
      "otherwise": "Choose three requests."
    }
  ],
  "p3-defeat-first": [
    {
      "label": "Requests",
      "kind": "sequence",
      "options": [
        "248",
        "1000",
        "1056",
        "1104"
      ],
      "length": 3,
      "answers": {
        "1000, 1000, 1000": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1000, 1000, 1056": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1000, 1000, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1000, 1000, 248": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "1000, 1056, 1000": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1000, 1056, 1056": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1000, 1056, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1000, 1056, 248": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "1000, 1104, 1000": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1000, 1104, 1056": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1000, 1104, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1000, 1104, 248": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 3."
        },
        "1000, 248, 1000": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "1000, 248, 1056": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "1000, 248, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 3."
        },
        "1000, 248, 248": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "1056, 1000, 1000": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1056, 1000, 1056": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1056, 1000, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1056, 1000, 248": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "1056, 1056, 1000": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1056, 1056, 1056": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1056, 1056, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1056, 1056, 248": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "1056, 1104, 1000": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1056, 1104, 1056": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1056, 1104, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1056, 1104, 248": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 3."
        },
        "1056, 248, 1000": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "1056, 248, 1056": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "1056, 248, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 3."
        },
        "1056, 248, 248": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "1104, 1000, 1000": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1104, 1000, 1056": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1104, 1000, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1104, 1000, 248": {
          "right": true,
          "why": "best fit serves 3 of 3, and first fit 2."
        },
        "1104, 1056, 1000": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1104, 1056, 1056": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1104, 1056, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1104, 1056, 248": {
          "right": true,
          "why": "best fit serves 3 of 3, and first fit 2."
        },
        "1104, 1104, 1000": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1104, 1104, 1056": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1104, 1104, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1104, 1104, 248": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1104, 248, 1000": {
          "right": true,
          "why": "best fit serves 3 of 3, and first fit 2."
        },
        "1104, 248, 1056": {
          "right": true,
          "why": "best fit serves 3 of 3, and first fit 2."
        },
        "1104, 248, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "1104, 248, 248": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "248, 1000, 1000": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 3."
        },
        "248, 1000, 1056": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 3."
        },
        "248, 1000, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 3."
        },
        "248, 1000, 248": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "248, 1056, 1000": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 3."
        },
        "248, 1056, 1056": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 3."
        },
        "248, 1056, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 3."
        },
        "248, 1056, 248": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "248, 1104, 1000": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 3."
        },
        "248, 1104, 1056": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 3."
        },
        "248, 1104, 1104": {
          "right": false,
          "why": "best fit serves 2 of 3, and first fit 2."
        },
        "248, 1104, 248": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "248, 248, 1000": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "248, 248, 1056": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "248, 248, 1104": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        },
        "248, 248, 248": {
          "right": false,
          "why": "best fit serves 3 of 3, and first fit 3."
        }
      },
      "otherwise": "Choose three requests."
    }
  ],
  "p3-hole": [
    {
      "label": "First fit takes the hole of",
      "kind": "choice",
      "options": [
        "64",
        "208",
        "48",
        "120"
      ],
      "answers": {
        "120": {
          "right": false,
          "why": "The request takes a block of 48 with its header. It takes the first of the list that is large enough."
        },
        "208": {
          "right": false,
          "why": "The request takes a block of 48 with its header. It takes the first of the list that is large enough."
        },
        "48": {
          "right": false,
          "why": "The request takes a block of 48 with its header. It takes the first of the list that is large enough."
        },
        "64": {
          "right": true,
          "why": "It takes the first of the list that is large enough."
        }
      },
      "otherwise": "It takes the first of the list that is large enough."
    },
    {
      "label": "Best fit takes the hole of",
      "kind": "choice",
      "options": [
        "64",
        "208",
        "48",
        "120"
      ],
      "answers": {
        "120": {
          "right": false,
          "why": "The request takes a block of 48 with its header. It takes the smallest that is large enough, and an exact fit at once."
        },
        "208": {
          "right": false,
          "why": "The request takes a block of 48 with its header. It takes the smallest that is large enough, and an exact fit at once."
        },
        "48": {
          "right": true,
          "why": "It takes the smallest that is large enough, and an exact fit at once."
        },
        "64": {
          "right": false,
          "why": "The request takes a block of 48 with its header. It takes the smallest that is large enough, and an exact fit at once."
        }
      },
      "otherwise": "It takes the smallest that is large enough, and an exact fit at once."
    },
    {
      "label": "Worst fit takes the hole of",
      "kind": "choice",
      "options": [
        "64",
        "208",
        "48",
        "120"
      ],
      "answers": {
        "120": {
          "right": false,
          "why": "The request takes a block of 48 with its header. It takes the largest."
        },
        "208": {
          "right": true,
          "why": "It takes the largest."
        },
        "48": {
          "right": false,
          "why": "The request takes a block of 48 with its header. It takes the largest."
        },
        "64": {
          "right": false,
          "why": "The request takes a block of 48 with its header. It takes the largest."
        }
      },
      "otherwise": "It takes the largest."
    }
  ],
  "p3-split": [
    {
      "label": "Bytes that malloc(40) may use",
      "kind": "number",
      "answers": {
        "40": {
          "right": true,
          "why": "48 of the 80 bytes are needed, and 32 are left: that reaches the threshold, so the hole is cut."
        },
        "72": {
          "right": false,
          "why": "32 bytes are left over, which is the threshold and not below it: the hole is cut."
        }
      },
      "otherwise": "What is left of 80 after the block with its header? Is that below 32?"
    },
    {
      "label": "Bytes that malloc(48) may use",
      "kind": "number",
      "answers": {
        "48": {
          "right": false,
          "why": "24 bytes would be left over, below the threshold: they stay with the block."
        },
        "72": {
          "right": true,
          "why": "56 are needed, and 24 would be left, below the threshold: the block keeps them."
        },
        "80": {
          "right": false,
          "why": "The header is the allocator's."
        }
      },
      "otherwise": "What is left of 80 after the block with its header? Is that below 32?"
    }
  ],
  "p3-threshold": [
    {
      "label": "Threshold",
      "kind": "choice",
      "options": [
        "16",
        "32",
        "64",
        "128",
        "256"
      ],
      "answers": {
        "128": {
          "right": false,
          "why": "Out of memory. Best fit cuts off small rests, which lie between the blocks as holes that no request fits."
        },
        "16": {
          "right": false,
          "why": "Out of memory. Best fit cuts off small rests, which lie between the blocks as holes that no request fits."
        },
        "256": {
          "right": true,
          "why": "The trace completes, and a request looks at 13 holes in the mean."
        },
        "32": {
          "right": false,
          "why": "Out of memory. Best fit cuts off small rests, which lie between the blocks as holes that no request fits."
        },
        "64": {
          "right": false,
          "why": "Out of memory. Best fit cuts off small rests, which lie between the blocks as holes that no request fits."
        }
      },
      "otherwise": "Look at the table above: how much memory does best fit need with each threshold?"
    }
  ],
  "p4-cases": [
    {
      "label": "A is freed: bytes of the free block",
      "kind": "number",
      "answers": {
        "40": {
          "right": false,
          "why": "The header belongs to the block, and the size is rounded up to 8."
        },
        "44": {
          "right": false,
          "why": "Sizes are multiples of 8."
        },
        "48": {
          "right": true,
          "why": "Both neighbours are used: case 1. 40 and 4 bytes are 48, rounded up to 8."
        }
      },
      "otherwise": "Payload and header, rounded up to 8."
    },
    {
      "label": "C is freed: bytes of the free block that it is in",
      "kind": "number",
      "answers": {
        "48": {
          "right": true,
          "why": "B is used, and so is the block behind C: case 1 again."
        },
        "96": {
          "right": false,
          "why": "B lies between A and C, and is used."
        }
      },
      "otherwise": "Which of its neighbours are free?"
    },
    {
      "label": "B is freed: bytes of the free block that it is in",
      "kind": "number",
      "answers": {
        "144": {
          "right": true,
          "why": "Both neighbours are free: case 4, all three become one."
        },
        "48": {
          "right": false,
          "why": "Neighbours merge at once in this heap."
        },
        "96": {
          "right": false,
          "why": "Both neighbours are free, not one."
        }
      },
      "otherwise": "Add the sizes of the free neighbours."
    }
  ],
  "p4-header": [
    {
      "label": "The header of the block of malloc(24)",
      "kind": "number",
      "answers": {
        "15": {
          "right": false,
          "why": "24 bytes and a header of 4 are 28: 4 granules, not 3."
        },
        "16": {
          "right": false,
          "why": "The two flags are missing."
        },
        "18": {
          "right": false,
          "why": "The lowest bit says that the block itself is used."
        },
        "19": {
          "right": true,
          "why": "4 granules << 2, and both flags: the block is used, and so is the one in front."
        }
      },
      "otherwise": "size << 2 | P << 1 | used, with the size in granules of 8, header included."
    },
    {
      "label": "The same, after the block in front was freed",
      "kind": "number",
      "answers": {
        "17": {
          "right": true,
          "why": "P is cleared: there is a footer in front now."
        },
        "19": {
          "right": false,
          "why": "How would a later free know that there is a footer in front?"
        }
      },
      "otherwise": "Only the bit P changes."
    },
    {
      "label": "The header of the block in front, which is free",
      "kind": "number",
      "answers": {
        "26": {
          "right": true,
          "why": "40 and 4 are 44: 6 granules << 2, P set, used clear."
        },
        "27": {
          "right": false,
          "why": "It is free now: the lowest bit is clear."
        }
      },
      "otherwise": "6 granules; what is in front of it is used."
    }
  ],
  "p4-order": [
    {
      "label": "Free in the order",
      "kind": "sequence",
      "options": [
        "A",
        "B",
        "C",
        "D"
      ],
      "length": 4,
      "answers": {
        "A, B, C, D": {
          "right": false,
          "why": "C is to be the first."
        },
        "A, B, D, C": {
          "right": false,
          "why": "C is to be the first."
        },
        "A, C, B, D": {
          "right": false,
          "why": "C is to be the first."
        },
        "A, C, D, B": {
          "right": false,
          "why": "C is to be the first."
        },
        "A, D, B, C": {
          "right": false,
          "why": "C is to be the first."
        },
        "A, D, C, B": {
          "right": false,
          "why": "C is to be the first."
        },
        "B, A, C, D": {
          "right": false,
          "why": "C is to be the first."
        },
        "B, A, D, C": {
          "right": false,
          "why": "C is to be the first."
        },
        "B, C, A, D": {
          "right": false,
          "why": "C is to be the first."
        },
        "B, C, D, A": {
          "right": false,
          "why": "C is to be the first."
        },
        "B, D, A, C": {
          "right": false,
          "why": "C is to be the first."
        },
        "B, D, C, A": {
          "right": false,
          "why": "C is to be the first."
        },
        "C, A, B, D": {
          "right": false,
          "why": "There are 2 holes at a time, and then one."
        },
        "C, A, D, B": {
          "right": false,
          "why": "There are 2 holes at a time, and then one."
        },
        "C, B, A, D": {
          "right": true,
          "why": "Each block merges with the ones before: there is one hole all the time."
        },
        "C, B, D, A": {
          "right": true,
          "why": "Each block merges with the ones before: there is one hole all the time."
        },
        "C, D, A, B": {
          "right": false,
          "why": "There are 2 holes at a time, and then one."
        },
        "C, D, B, A": {
          "right": true,
          "why": "Each block merges with the ones before: there is one hole all the time."
        },
        "D, A, B, C": {
          "right": false,
          "why": "C is to be the first."
        },
        "D, A, C, B": {
          "right": false,
          "why": "C is to be the first."
        },
        "D, B, A, C": {
          "right": false,
          "why": "C is to be the first."
        },
        "D, B, C, A": {
          "right": false,
          "why": "C is to be the first."
        },
        "D, C, A, B": {
          "right": false,
          "why": "C is to be the first."
        },
        "D, C, B, A": {
          "right": false,
          "why": "C is to be the first."
        }
      },
      "otherwise": "Free each block once."
    }
  ],
  "p4-usable": [
    {
      "label": "Bytes that malloc(1) may use",
      "kind": "number",
      "answers": {
        "1": {
          "right": false,
          "why": "Blocks are counted in granules of 8 bytes."
        },
        "12": {
          "right": true,
          "why": "The smallest block has 16 bytes, since a free one holds a header, two links and a footer. The used one pays for the header alone."
        },
        "4": {
          "right": false,
          "why": "A block of 8 bytes has no room for links when it is freed: the smallest has 16."
        },
        "8": {
          "right": false,
          "why": "The smallest block has 16 bytes, of which 4 are the header."
        }
      },
      "otherwise": "The smallest block, less the header."
    },
    {
      "label": "Bytes that malloc(21) may use",
      "kind": "number",
      "answers": {
        "24": {
          "right": false,
          "why": "The header counts before rounding: 25 becomes 32."
        },
        "28": {
          "right": true,
          "why": "21 and 4 are 25, rounded up to 32; less the header."
        },
        "32": {
          "right": false,
          "why": "Four of them are the header."
        }
      },
      "otherwise": "Add the header, round up to 8, subtract the header."
    }
  ],
  "p5-again": [
    {
      "label": "The first",
      "kind": "choice",
      "options": [
        "in the heap",
        "in a mapping of its own"
      ],
      "answers": {
        "in a mapping of its own": {
          "right": true,
          "why": "Nothing is known of this size yet: a mapping, which goes back at the free."
        },
        "in the heap": {
          "right": false,
          "why": "Nothing is known of this size yet: a mapping, which goes back at the free."
        }
      },
      "otherwise": "Nothing is known of this size yet: a mapping, which goes back at the free."
    },
    {
      "label": "The second",
      "kind": "choice",
      "options": [
        "in the heap",
        "in a mapping of its own"
      ],
      "answers": {
        "in a mapping of its own": {
          "right": false,
          "why": "A mapping as large was given back just before: blocks of this size stay in the heap from now on."
        },
        "in the heap": {
          "right": true,
          "why": "A mapping as large was given back just before: blocks of this size stay in the heap from now on."
        }
      },
      "otherwise": "A mapping as large was given back just before: blocks of this size stay in the heap from now on."
    },
    {
      "label": "The third",
      "kind": "choice",
      "options": [
        "in the heap",
        "in a mapping of its own"
      ],
      "answers": {
        "in a mapping of its own": {
          "right": false,
          "why": "A mapping as large was given back just before: blocks of this size stay in the heap from now on."
        },
        "in the heap": {
          "right": true,
          "why": "A mapping as large was given back just before: blocks of this size stay in the heap from now on."
        }
      },
      "otherwise": "A mapping as large was given back just before: blocks of this size stay in the heap from now on."
    }
  ],
  "p5-pages": [
    {
      "label": "Pages that can be purged",
      "kind": "number",
      "answers": {
        "2": {
          "right": true,
          "why": "From 0x2000 to 0x4000. On the pages at both ends lie a header, links and a footer that must survive, or other blocks."
        },
        "3": {
          "right": false,
          "why": "Only whole pages: round the start up, and the end down."
        },
        "4": {
          "right": false,
          "why": "It touches as many. Two of them hold bytes of others, and the block's own header and footer."
        }
      },
      "otherwise": "Round the start up to a page and the end down to one."
    },
    {
      "label": "The least number of free bytes that is enough for a whole page",
      "kind": "number",
      "answers": {
        "4096": {
          "right": false,
          "why": "Only if it begins at a page. It may begin anywhere."
        },
        "8191": {
          "right": true,
          "why": "With one byte less, the block can begin one byte into a page and end one byte before the end of the next."
        },
        "8192": {
          "right": false,
          "why": "One byte less is enough."
        }
      },
      "otherwise": "Where must it begin so that it holds as few whole pages as possible?"
    }
  ],
  "p5-place": [
    {
      "label": "100 KiB",
      "kind": "choice",
      "options": [
        "in the heap",
        "in a mapping of its own"
      ],
      "answers": {
        "in a mapping of its own": {
          "right": false,
          "why": "In a fresh heap, a block of 128 KiB or more has a mapping of its own; anything below is in the heap."
        },
        "in the heap": {
          "right": true,
          "why": "In a fresh heap, a block of 128 KiB or more has a mapping of its own; anything below is in the heap."
        }
      },
      "otherwise": "In a fresh heap, a block of 128 KiB or more has a mapping of its own; anything below is in the heap."
    },
    {
      "label": "128 KiB",
      "kind": "choice",
      "options": [
        "in the heap",
        "in a mapping of its own"
      ],
      "answers": {
        "in a mapping of its own": {
          "right": true,
          "why": "In a fresh heap, a block of 128 KiB or more has a mapping of its own; anything below is in the heap."
        },
        "in the heap": {
          "right": false,
          "why": "In a fresh heap, a block of 128 KiB or more has a mapping of its own; anything below is in the heap."
        }
      },
      "otherwise": "In a fresh heap, a block of 128 KiB or more has a mapping of its own; anything below is in the heap."
    },
    {
      "label": "1 MiB",
      "kind": "choice",
      "options": [
        "in the heap",
        "in a mapping of its own"
      ],
      "answers": {
        "in a mapping of its own": {
          "right": true,
          "why": "In a fresh heap, a block of 128 KiB or more has a mapping of its own; anything below is in the heap."
        },
        "in the heap": {
          "right": false,
          "why": "In a fresh heap, a block of 128 KiB or more has a mapping of its own; anything below is in the heap."
        }
      },
      "otherwise": "In a fresh heap, a block of 128 KiB or more has a mapping of its own; anything below is in the heap."
    }
  ],
  "p6-classes": [
    {
      "label": "Bytes of the block for malloc(100)",
      "kind": "number",
      "answers": {
        "100": {
          "right": false,
          "why": "There is no class of 100: they are multiples of 8."
        },
        "104": {
          "right": true,
          "why": "Up to 128 the classes are 8 bytes apart."
        },
        "112": {
          "right": false,
          "why": "A block has no header, so nothing is added before rounding up to 8."
        },
        "128": {
          "right": false,
          "why": "Classes are not powers of two: up to 128 there is one each 8 bytes."
        }
      },
      "otherwise": "Round up to 8: there is no header."
    },
    {
      "label": "Bytes of the block for malloc(129)",
      "kind": "number",
      "answers": {
        "136": {
          "right": false,
          "why": "Steps of 8 end at 128. Above, sizes divide a page, or a few pages, with little left over."
        },
        "144": {
          "right": true,
          "why": "The next class above 128 divides a page into whole blocks."
        },
        "256": {
          "right": false,
          "why": "Then nearly half of the block would be unused. There are classes between the powers of two."
        }
      },
      "otherwise": "Above 128 the sizes divide a page, or a few, into whole blocks."
    },
    {
      "label": "Bytes of the block for malloc(1)",
      "kind": "number",
      "answers": {
        "1": {
          "right": false,
          "why": "A free block holds a link of 8 bytes."
        },
        "16": {
          "right": true,
          "why": "That is the smallest class."
        },
        "8": {
          "right": false,
          "why": "The link would fit, but the classes begin at 16."
        }
      },
      "otherwise": "The smallest class is not 8: the sizes begin at 16."
    }
  ],
  "p6-last-in": [
    {
      "label": "They come back as",
      "kind": "sequence",
      "options": [
        "A",
        "B",
        "C"
      ],
      "length": 3,
      "answers": {
        "A, B, C": {
          "right": false,
          "why": "The list is last in, first out: which was freed last?"
        },
        "A, C, B": {
          "right": false,
          "why": "That is the order of a queue. The list is last in, first out."
        },
        "B, A, C": {
          "right": false,
          "why": "The list is last in, first out: which was freed last?"
        },
        "B, C, A": {
          "right": true,
          "why": "The list is last in, first out: the block that is most likely in the cache."
        },
        "C, A, B": {
          "right": false,
          "why": "The list is last in, first out: which was freed last?"
        },
        "C, B, A": {
          "right": false,
          "why": "The list is last in, first out: which was freed last?"
        }
      },
      "otherwise": "Each of the three comes back once."
    }
  ],
  "p6-remote": [
    {
      "label": "The owner's next malloc(56) gets",
      "kind": "choice",
      "options": [
        "the same block",
        "another block"
      ],
      "answers": {
        "another block": {
          "right": true,
          "why": "Only the owner touches its lists. The block waits on the way to it, and comes when the owner collects."
        },
        "the same block": {
          "right": false,
          "why": "Only the owner touches its lists: another thread's free goes to a list apart, which the owner looks at now and then."
        }
      },
      "otherwise": "Who may touch the list of a heap?"
    }
  ],
  "p6-waste": [
    {
      "label": "The request that leaves most bytes of its block unused",
      "kind": "choice",
      "options": [
        "104",
        "128",
        "129",
        "160",
        "500"
      ],
      "answers": {
        "104": {
          "right": false,
          "why": "Its block has 0 bytes more than the request; the most is 15."
        },
        "128": {
          "right": false,
          "why": "Its block has 0 bytes more than the request; the most is 15."
        },
        "129": {
          "right": true,
          "why": "Its block has 15 bytes more than the request; the most is 15."
        },
        "160": {
          "right": false,
          "why": "Its block has 0 bytes more than the request; the most is 15."
        },
        "500": {
          "right": false,
          "why": "Its block has 12 bytes more than the request; the most is 15."
        }
      },
      "otherwise": "The waste is greatest just above a class."
    }
  ]
};
