// A host without file descriptors to spare.
#include <doctest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <asio/ip/tcp.hpp>

#include "host_fixture.hpp"

namespace exhaustion_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

class descriptor_limit {
 public:
  explicit descriptor_limit(rlim_t most) {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    auto now = before_;
    now.rlim_cur = most;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &now) == 0);
  }
  ~descriptor_limit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  descriptor_limit(const descriptor_limit&) = delete;
  descriptor_limit& operator=(const descriptor_limit&) = delete;

 private:
  rlimit before_{};
};

core::awaitable<void> wait_for_drops(testing::two_hosts& w, std::uint64_t least) {
  const auto drops = [&w] {
    const auto all = w.b_metrics.drops();
    return all.contains("accept_exhausted") ? all.at("accept_exhausted") : 0;
  };
  for (int i = 0; i < 300 && drops() < least; ++i) co_await core::sleep_for(*w.world.env, 10ms);
  CHECK(drops() >= least);
  CHECK(drops() <= least + 4);  // it waits between tries
}

core::awaitable<void> wait_for_word(testing::two_hosts& w, asio::ip::tcp::socket& s) {
  asio::error_code ec;
  s.non_blocking(true, ec);
  bool closed = false;
  for (int i = 0; i < 300 && !closed; ++i) {
    co_await core::sleep_for(*w.world.env, 10ms);
    std::array<char, 16> buffer{};
    s.read_some(asio::buffer(buffer), ec);
    closed = ec == asio::error::eof || ec == asio::error::connection_reset;
  }
  CHECK(closed);  // it was accepted at last, and its noise thrown out
}

// clang's check of a type's table opens a pipe, and says that the table is invalid when there is no descriptor for it.
#ifdef __clang__
constexpr bool sanitizer_needs_descriptors = __has_feature(undefined_behavior_sanitizer);
#else
constexpr bool sanitizer_needs_descriptors = false;
#endif

}  // namespace

TEST_CASE("without file descriptors a host waits, counts it, and goes on when there are some again" *
          doctest::skip(sanitizer_needs_descriptors)) {
  testing::two_hosts w(40);
  asio::ip::tcp::socket s(w.world.io);
  s.open(asio::ip::tcp::v4());
  {
    const int next = ::dup(s.native_handle());  // the lowest that is free
    REQUIRE(next >= 0);
    ::close(next);
    const descriptor_limit none(static_cast<rlim_t>(next));
    s.connect({asio::ip::make_address("127.20.40.2"), 10080});
    w.world.run(wait_for_drops(w, 2));
  }
  s.write_some(asio::buffer("\x80noise", 6));
  w.world.run(wait_for_word(w, s));
  w.world.run(w.stop());
}

}  // namespace exhaustion_test
