// The file of kept records: what is written is read, what is torn off ends it, what is damaged or foreign is told apart.
#include "storage/record_log.hpp"

#include <doctest.h>

namespace record_log_test {

using namespace phyllo;
using overlay::log_reader;
using step = overlay::log_reader::step;

namespace {

overlay::saved_value sample(std::uint8_t n) {
  overlay::saved_value v;
  v.resource.octets.fill(n);
  v.kind = overlay::resource_kind.id;
  v.generation = n;
  v.expires_ms = 1'767'225'600'000 + n;
  v.data.storage_time = 7;
  v.data.lifetime = 60;
  v.data.value.key = {n, 2, 3};
  v.data.value.value = core::bytes(100, n);
  v.data.signature = overlay::nonexistent(overlay::data_model::dictionary, {}).signature;
  return v;
}

core::bytes sample_log() {
  auto log = overlay::encode_log_header("example.org");
  overlay::append_certificate(log, core::to_bytes("a certificate"));
  overlay::append_value(log, sample(1));
  overlay::append_value(log, sample(2));
  return log;
}

log_reader reader() { return {"example.org", overlay::known_kinds()}; }

}  // namespace

TEST_CASE("a log is read back as it was written, in pieces of any size") {
  const auto log = sample_log();
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, log.size()}) {
    CAPTURE(size);
    auto r = reader();
    std::vector<step> steps;
    std::uint64_t expires = 0;
    for (std::size_t at = 0; at < log.size(); at += size) {
      r.add(core::byte_view(log).subspan(at, std::min(size, log.size() - at)));
      for (auto s = r.next(); s != step::more; s = r.next()) {
        steps.push_back(s);
        REQUIRE(steps.size() < 9);
        if (s == step::certificate) CHECK(core::to_bytes(r.der()) == core::to_bytes("a certificate"));
        if (s == step::value) expires = r.value().expires_ms;
      }
    }
    CHECK(steps == std::vector<step>{step::certificate, step::value, step::value});
    CHECK(expires == sample(2).expires_ms);
    CHECK(r.value().data.value == sample(2).data.value);
    CHECK(r.rest() == 0);
  }
}

TEST_CASE("what a crash has torn off ends a log, and what stands before is read") {
  const auto log = sample_log();
  auto r = reader();
  r.add(core::byte_view(log).first(log.size() - 5));
  CHECK(r.next() == step::certificate);
  CHECK(r.next() == step::value);
  CHECK(r.next() == step::more);
  CHECK(r.rest() > 0);
}

TEST_CASE("a log of another overlay, of another version, or of anything else is foreign") {
  log_reader other("elsewhere.example", overlay::known_kinds());
  other.add(sample_log());
  CHECK(other.next() == step::foreign);
  auto log = sample_log();
  log[15] = 2;
  auto later = reader();
  later.add(log);
  CHECK(later.next() == step::foreign);
  CHECK(later.next() == step::foreign);
  auto noise = reader();
  noise.add(core::to_bytes("GIF89a"));
  CHECK(noise.next() == step::foreign);
}

TEST_CASE("a changed bit anywhere in a frame is found, and no length is believed beyond a frame's bound") {
  const auto good = sample_log();
  const auto header = overlay::encode_log_header("example.org").size();
  for (auto at = header; at < good.size(); ++at) {
    auto log = good;
    log[at] ^= 0x10;
    auto r = reader();
    r.add(log);
    auto s = r.next();
    int values = 0;
    for (int i = 0; i < 9 && (s = r.next()) != step::more && s != step::damaged; ++i) values += s == step::value ? 1 : 0;
    CHECK_MESSAGE((s == step::damaged || values < 2), "byte ", at);
  }
}

TEST_CASE("a value of a Kind that is none any more is passed over") {
  auto v = sample(3);
  v.kind = 0xF0000099;
  auto log = overlay::encode_log_header("example.org");
  overlay::append_value(log, v);
  overlay::append_value(log, sample(1));
  auto r = reader();
  r.add(log);
  CHECK(r.next() == step::unknown);
  CHECK(r.next() == step::value);
}

}  // namespace record_log_test
