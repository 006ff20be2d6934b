#include "peer/document_assembly.hpp"

#include <doctest.h>

#include "phyllo/core/wire.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/revocation_message.hpp"

namespace document_assembly_test {

using namespace phyllo;
using overlay::errc;

namespace {

core::bytes piece(std::string_view text, std::uint32_t size, std::uint16_t sequence = 7) {
  return overlay::document_piece{sequence, size, core::to_bytes(text)}.encode();
}

std::uint32_t offset_in(const core::bytes& question) {
  core::wire_reader r(question);
  return r.u32();
}

}  // namespace

TEST_CASE("each question is for what follows the pieces that are there") {
  overlay::document_assembly a;
  CHECK_FALSE(a.whole());
  CHECK(offset_in(a.question()) == 0);
  REQUIRE(a.take(piece("abc", 5)).has_value());
  CHECK_FALSE(a.whole());
  CHECK(offset_in(a.question()) == 3);
  REQUIRE(a.take(piece("de", 5)).has_value());
  CHECK(a.whole());
  CHECK(a.text() == "abcde");
}

TEST_CASE("a piece of another document does not fit to what is there") {
  overlay::document_assembly a;
  REQUIRE(a.take(piece("abc", 5)).has_value());
  CHECK(a.take(piece("de", 5, 8)).error() == errc::invalid_message);
  CHECK(a.take(piece("de", 6)).error() == errc::invalid_message);
  CHECK(a.text() == "abc");
}

TEST_CASE("pieces end: none is empty, longer than what is left, or of a document of more than 1 MiB") {
  overlay::document_assembly a;
  CHECK(a.take(piece("", 5)).error() == errc::invalid_message);
  CHECK(a.take(piece("abcdef", 5)).error() == errc::invalid_message);
  CHECK(a.take(piece("abc", (1U << 20U) + 1)).error() == errc::invalid_message);
  CHECK(a.take(core::bytes{1, 2}).error() == errc::invalid_message);
  CHECK_FALSE(a.whole());
  CHECK(a.take(piece("abc", 1U << 20U)).has_value());
}

}  // namespace document_assembly_test
