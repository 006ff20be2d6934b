#include "turn/turn_outbox.hpp"

#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace turn_outbox_test {

using namespace turn_bench;

namespace {

struct port final : transport::datagram_port {
  core::status send(const transport::endpoint&, core::byte_view) override { return {}; }
  core::status send_batch(std::span<const transport::outgoing_datagram> batch) override {
    batches.push_back(batch.size());
    for (const auto& d : batch) texts.emplace_back(core::as_text(d.data));
    return {};
  }
  [[nodiscard]] const transport::endpoint& local() const noexcept override { return here; }
  transport::endpoint here;
  std::vector<std::size_t> batches;
  std::vector<std::string> texts;
};

}  // namespace

TEST_CASE("what leaves by one port leaves together, in its order; only the first that waits asks to be flushed") {
  port a;
  port b;
  nat::turn_outbox o;
  const auto to = at("8.8.8.8:1");
  CHECK(o.put(a, to, core::as_bytes("1")));
  CHECK_FALSE(o.put(a, to, core::as_bytes("2")));
  CHECK_FALSE(o.put(b, to, core::as_bytes("3")));
  CHECK_FALSE(o.put(a, to, core::as_bytes("4")));
  CHECK(a.batches.empty());
  o.flush();
  CHECK(a.batches == std::vector<std::size_t>{2, 1});
  CHECK(a.texts == std::vector<std::string>{"1", "2", "4"});
  CHECK(b.texts == std::vector<std::string>{"3"});
  CHECK(o.empty());
  CHECK(o.put(a, to, core::as_bytes("5")));
}

TEST_CASE("what does not fit any more makes what waits leave first") {
  port a;
  nat::turn_outbox o;
  const std::string large(60'000, 'x');
  for (int i = 0; i < 3; ++i) static_cast<void>(o.put(a, at("8.8.8.8:1"), core::as_bytes(large)));
  CHECK(a.batches == std::vector<std::size_t>{2});
  for (std::size_t i = 0; i < nat::turn_outbox::datagrams_max; ++i) static_cast<void>(o.put(a, at("8.8.8.8:1"), core::as_bytes("y")));
  o.flush();
  std::size_t all = 0;
  for (const auto n : a.batches) all += n;
  CHECK(all == 3 + nat::turn_outbox::datagrams_max);
}

}  // namespace turn_outbox_test
