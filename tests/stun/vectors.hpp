// Published STUN messages: RFC 5769 s.2.1 to s.2.4, and RFC 8489 B.1 as its erratum has it (PASSWORD-ALGORITHM added, length 0x90).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/bytes.hpp"

namespace stun_vectors {

struct vector {
  std::string name;
  std::string hex;
  std::string key_hex;  // of its integrity
  bool sha256 = false;
  bool fingerprint = false;
  std::uint8_t padding = 0;  // what it pads values with

  [[nodiscard]] phyllo::core::bytes octets() const { return *phyllo::core::from_hex(hex); }
  [[nodiscard]] phyllo::core::bytes key() const { return *phyllo::core::from_hex(key_hex); }
};

inline std::string short_term_key() { return phyllo::core::to_hex(phyllo::core::as_bytes("VOkJxbRl1RmTxUk/WvJxBt")); }

inline std::vector<vector> all() {
  return {
      {"RFC 5769 s.2.1",
       "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36"
       "000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf",
       short_term_key(), false, true, ' '},
      {"RFC 5769 s.2.2",
       "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643000800142b91f599fd9e90c3"
       "8c7489f92af9ba53f06be7d780280004c07d4c96",
       short_term_key(), false, true, ' '},
      {"RFC 5769 s.2.3",
       "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
       "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c",
       short_term_key(), false, true, ' '},
      {"RFC 5769 s.2.4",
       "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b900000015001c662f2f3439396b39353464364f"
       "4c33346f4c394653547679363473410014000b6578616d706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a28ca89666",
       "e8ca7ad59d5eb0518e312911d2dab2a9", false, false, 0},
      {"RFC 8489 B.1, corrected",
       "000100902112a44278ad3433c6ad72c029da412e001e00204a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704001500296f"
       "624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c394653547679363473410000000014000b6578616d706c652e6f726700001d"
       "000400020000001c0020b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65",
       "dd295a613b9058c3c23d6dc7165bda072304d989c9d0af3a8c7e184b4f9bb4a1", true, false, 0},
  };
}

}  // namespace stun_vectors
