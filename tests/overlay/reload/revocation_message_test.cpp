#include "reload/revocation_message.hpp"

#include <doctest.h>

#include "support/codec_check.hpp"

namespace revocation_message_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::check_reads_whole_only;
using testing::from_digits;

TEST_CASE("an announcement has this form, and reads back as it was") {
  const revocation_announcement a{.head = {1, 2}, .delta = {3}, .share = 9};
  CHECK(a.encode() == from_digits("0002 0102 09 0001 03"));
  const auto back = revocation_announcement::decode(a.encode());
  REQUIRE(back.has_value());
  CHECK(back->head == a.head);
  CHECK(back->delta == a.delta);
  CHECK(back->share == 9);
  check_reads_whole_only(a.encode(), [](core::byte_view b) { return revocation_announcement::decode(b).has_value(); });
}

TEST_CASE("a question has this form; what it wants is one of three things") {
  const revocation_question q{.number = 4, .sought = 5, .want = revocation_want::leaves, .leaves = {1, 0x0203}, .share = 255};
  const auto bytes = q.encode();
  CHECK(bytes == from_digits("0000000000000004 0000000000000005 ff 02 0004 0001 0203"));
  const auto back = revocation_question::decode(bytes);
  REQUIRE(back.has_value());
  CHECK(back->number == 4);
  CHECK(back->sought == 5);
  CHECK(back->share == whole_share);
  CHECK(back->want == revocation_want::leaves);
  CHECK(back->leaves == q.leaves);
  check_reads_whole_only(bytes, [](core::byte_view b) { return revocation_question::decode(b).has_value(); });
  auto other = bytes;
  other[17] = 3;
  CHECK(revocation_question::decode(other).error() == errc::invalid_message);
  CHECK_FALSE(revocation_question::decode(from_digits("0000000000000004 0000000000000005 ff 02 0003 0001 02")).has_value());
}

TEST_CASE("an answer gives a change, digests, leaves or nothing") {
  const auto head = "0000000000000007 0001 aa 03 ";
  const auto decoded = [&](const std::string& rest) { return revocation_answer::decode(from_digits(head + rest)); };
  const auto nothing = decoded("00");
  REQUIRE(nothing.has_value());
  CHECK(nothing->number == 7);
  CHECK(nothing->head == core::bytes{0xaa});
  CHECK(nothing->share == 3);
  CHECK_FALSE(decoded("00 01").has_value());
  CHECK_FALSE(decoded("04").has_value());
  CHECK(decoded("01 0102")->gift == revocation_gift::delta);
  CHECK(decoded("01 0102")->content == core::bytes{1, 2});
  CHECK(decoded("02 0102")->gift == revocation_gift::digests);
  CHECK(decoded("02")->content.empty());
  const auto leaves = decoded("03 0005 0002 bbcc 0006 0000");
  REQUIRE(leaves.has_value());
  REQUIRE(leaves->leaves.size() == 2);
  CHECK(leaves->leaves[0].index == 5);
  CHECK(leaves->leaves[0].entries == core::bytes{0xbb, 0xcc});
  CHECK(leaves->leaves[1].index == 6);
  CHECK(leaves->content.empty());
  CHECK_FALSE(decoded("03 0005 0002 bb").has_value());
  CHECK_FALSE(decoded("03 0005 00").has_value());
}

TEST_CASE("what decodes encodes to the very octets") {
  for (const auto* digits : {"0000000000000007 0001 aa 03 00", "0000000000000007 0000 03 01 0102", "0000000000000007 0000 ff 02",
                             "0000000000000007 0000 00 03 0005 0002 bbcc 0006 0000"}) {
    CAPTURE(digits);
    CHECK(revocation_answer::decode(from_digits(digits))->encode() == from_digits(digits));
  }
}

TEST_CASE("a piece of a document says of which, of how much, and what") {
  const document_piece p{.sequence = 2, .size = 70'000, .piece = {1, 2, 3}};
  CHECK(p.encode() == from_digits("0002 00011170 010203"));
  const auto back = document_piece::decode(p.encode());
  REQUIRE(back.has_value());
  CHECK(back->sequence == 2);
  CHECK(back->size == 70'000);
  CHECK(back->piece == p.piece);
  CHECK(document_piece::decode(from_digits("0002 00011170"))->piece.empty());
  CHECK(document_piece::decode(from_digits("0002 000111")).error() == errc::invalid_message);
}

}  // namespace revocation_message_test
