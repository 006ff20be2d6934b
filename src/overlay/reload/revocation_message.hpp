// How nodes pass the revocation list on (pastry.md, "Revocations"): contents of Update(revocations), RouteQuery(revocations) and its
// answer.
#pragma once

#include <cstdint>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/overlay/errc.hpp"

namespace phyllo::overlay {

// All `decode` functions: invalid_message; what decodes encodes to the very bytes.

// How much of the newest head's list a node holds: 0 nothing, 255 all of it, else 1 to 254. Who lacks much asks who holds much.
using revocation_share = std::uint8_t;
constexpr revocation_share whole_share = 255;

//  length (2) head | share (1) | length (2) change that leads to it from the number before, or nothing
struct revocation_announcement {
  core::bytes head;
  core::bytes delta;
  revocation_share share = 0;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<revocation_announcement> decode(core::byte_view data);
};

enum class revocation_want : std::uint8_t {
  newest = 0,   // a newer head, and the change that leads to it if it is known, or else its digests
  digests = 1,  // of the head that is sought
  leaves = 2,   // some of these
};

//  number (8) that is whole | number (8) of the newest head known | share (1) | want (1) | length (2) leaves: index (2)...
struct revocation_question {
  std::uint64_t number = 0;
  std::uint64_t sought = 0;
  revocation_want want = revocation_want::newest;
  std::vector<std::uint16_t> leaves;
  revocation_share share = 0;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<revocation_question> decode(core::byte_view data);
};

enum class revocation_gift : std::uint8_t { nothing = 0, delta = 1, digests = 2, leaves = 3 };

//  number (8) of the newest head known | length (2) head, if it is newer than the one sought | share (1) |
//  gift (1) | delta, digests: the rest; leaves: index (2), length (2) entries...
struct revocation_answer {
  struct leaf {
    std::uint16_t index = 0;
    core::bytes entries;
  };
  std::uint64_t number = 0;
  core::bytes head;
  revocation_gift gift = revocation_gift::nothing;
  core::bytes content;       // delta, digests
  std::vector<leaf> leaves;  // leaves
  revocation_share share = 0;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<revocation_answer> decode(core::byte_view data);
};

//  RouteQuery(document): offset (4)
//  its answer: sequence (2) | size of the whole (4) | a piece from that offset on
struct document_piece {
  std::uint16_t sequence = 0;
  std::uint32_t size = 0;
  core::bytes piece;
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<document_piece> decode(core::byte_view data);
};

}  // namespace phyllo::overlay
