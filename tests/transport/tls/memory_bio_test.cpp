#include "transport/tls/memory_bio.hpp"

#include <doctest.h>

#include <array>
#include <string>

namespace memory_bio_test {

using namespace phyllo;

namespace {

struct piped {
  explicit piped(bool datagrams) : bio(transport::make_memory_bio(method.get(), pipe), &BIO_free) { pipe.datagrams = datagrams; }

  // "": BoringSSL is told to try again.
  std::string read(int size) {
    std::array<char, 100> buffer{};
    const int n = BIO_read(bio.get(), buffer.data(), size);
    if (n >= 0) return {buffer.data(), static_cast<std::size_t>(n)};
    CHECK(BIO_should_retry(bio.get()) != 0);
    return {};
  }
  void write(std::string_view text) {
    CHECK(BIO_write(bio.get(), text.data(), static_cast<int>(text.size())) == static_cast<int>(text.size()));
  }

  transport::bio_method method = transport::make_memory_method();
  transport::memory_pipe pipe;
  std::unique_ptr<BIO, decltype(&BIO_free)> bio;
};

}  // namespace

TEST_CASE("datagrams keep their bounds both ways, and what a reader leaves of one is lost") {
  piped p(true);
  CHECK(p.read(10).empty());
  p.pipe.input.push_back(core::to_bytes("first"));
  p.pipe.input.push_back(core::to_bytes("second"));
  CHECK(p.read(3) == "fir");
  CHECK(p.read(100) == "second");
  CHECK(p.read(100).empty());
  p.write("a");
  p.write("bc");
  CHECK(p.pipe.output == std::vector<core::bytes>{core::to_bytes("a"), core::to_bytes("bc")});
}

TEST_CASE("a stream is read on where its reader stopped, and written in one piece") {
  piped p(false);
  p.pipe.input.push_back(core::to_bytes("first"));
  p.pipe.input.push_back(core::to_bytes("second"));
  CHECK(p.read(3) == "fir");
  CHECK(p.read(100) == "st");
  CHECK(p.read(3) == "sec");
  CHECK(p.read(3) == "ond");
  CHECK(p.read(1).empty());
  CHECK(p.pipe.consumed == 0);
  p.write("a");
  p.write("bc");
  CHECK(p.pipe.output == std::vector<core::bytes>{core::to_bytes("abc")});
}

TEST_CASE("a flush succeeds: nothing is held back") {
  const piped p(true);
  CHECK(BIO_flush(p.bio.get()) == 1);
}

}  // namespace memory_bio_test
