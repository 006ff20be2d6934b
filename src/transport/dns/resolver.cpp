#include "phyllo/transport/resolver.hpp"

#include <arpa/nameser.h>
#include <netinet/in.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <variant>

#include "dns/ares_channel.hpp"
#include "dns/dns_cache.hpp"
#include "dns/dns_records.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr std::size_t resolved_max = 32;

using list = std::variant<std::vector<naptr_record>, std::vector<srv_record>, std::vector<asio::ip::address>>;
using answer_box = core::mailbox<core::result<list>>;

// Names compare without case (RFC 4343); the type comes first.
std::string key_of(char type, std::string_view name) {
  std::string out(1, type);
  std::ranges::transform(name, std::back_inserter(out), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool absent(int status) { return status == ARES_ENODATA || status == ARES_ENOTFOUND; }

core::error explained(int status) {
  if (status == ARES_ETIMEOUT || status == ARES_ECONNREFUSED) return core::error(errc::timed_out, "no DNS server answers");
  if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) return core::error(errc::closed);
  return core::error(errc::refused, std::string("DNS: ") + ares_strerror(status));
}

std::optional<asio::ip::address> address_of(const sockaddr* a) {
  if (a->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, a, sizeof v4);
    return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (a->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6{};
  std::memcpy(&v6, a, sizeof v6);
  asio::ip::address_v6::bytes_type octets{};
  std::copy_n(v6.sin6_addr.s6_addr, octets.size(), octets.begin());
  return asio::ip::address_v6(octets, v6.sin6_scope_id);
}

class cached_resolver final : public resolver {
 public:
  cached_resolver(core::environment& env, const resolver_options& o)
      : env_(env), options_(o), cache_(o.cache_max, core::random_hash_key(env)), channel_(std::make_shared<ares_channel_owner>(env)) {}
  ~cached_resolver() override { channel_->stop(); }
  core::status open() { return channel_->open(options_); }

  core::awaitable<core::result<std::vector<naptr_record>>> naptr(std::string name) override {
    auto found = co_await look_up('n', std::move(name));
    if (!found) co_return core::fail(found.error());
    co_return std::get<0>(std::move(*found));
  }
  core::awaitable<core::result<std::vector<srv_record>>> srv(std::string name) override {
    auto found = co_await look_up('s', std::move(name));
    if (!found) co_return core::fail(found.error());
    co_return std::get<1>(std::move(*found));
  }
  core::awaitable<core::result<std::vector<asio::ip::address>>> addresses(std::string name) override {
    auto found = co_await look_up('a', std::move(name));
    if (!found) co_return core::fail(found.error());
    co_return std::get<2>(std::move(*found));
  }
  void stop() override {
    stopped_ = true;
    channel_->stop();
  }

 private:
  core::awaitable<core::result<list>> look_up(char type, std::string name);
  void ask(char type, const std::string& name, const std::shared_ptr<answer_box>& done);
  template <class Record>
  void take(const std::string& key, int status, core::result<dns_answer<Record>> answer, answer_box& done);
  static core::result<dns_answer<asio::ip::address>> addresses_of(const ares_addrinfo* answer);

  core::environment& env_;
  resolver_options options_;
  dns_cache<list> cache_;
  std::shared_ptr<ares_channel_owner> channel_;
  bool stopped_ = false;
};

core::awaitable<core::result<list>> cached_resolver::look_up(char type, std::string name) {
  if (const auto* known = cache_.find(key_of(type, name), env_.now())) co_return *known;
  if (stopped_) co_return core::fail(errc::closed);
  if (channel_->pending() >= options_.pending_max) co_return core::fail(errc::overloaded, "too many DNS look-ups");
  const auto done = std::make_shared<answer_box>(env_, 1);
  ask(type, name, done);
  auto got = co_await done->receive(core::time_point::max());  // c-ares keeps the time
  if (!got) co_return core::fail(errc::closed);
  co_return std::move(*got);
}

void cached_resolver::ask(char type, const std::string& name, const std::shared_ptr<answer_box>& done) {
  const auto key = key_of(type, name);
  if (type == 'a') {
    return channel_->addresses(name, [this, key, done](int status, const ares_addrinfo* answer) {
      take<asio::ip::address>(key, status, addresses_of(answer), *done);
    });
  }
  if (type == 'n') {
    return channel_->query(name, ns_t_naptr,
                           [this, key, done](int status, core::byte_view answer) { take(key, status, parse_naptr(answer), *done); });
  }
  channel_->query(name, ns_t_srv, [this, key, done](int status, core::byte_view answer) { take(key, status, parse_srv(answer), *done); });
}

template <class Record>
void cached_resolver::take(const std::string& key, int status, core::result<dns_answer<Record>> answer, answer_box& done) {
  if (absent(status)) answer = dns_answer<Record>();
  if (status != ARES_SUCCESS && !absent(status)) {
    done.push(core::fail(explained(status)));
    return;
  }
  if (!answer) {
    done.push(core::fail(errc::refused, "DNS: " + answer.error().message()));
    return;
  }
  const auto now = env_.now();
  const core::duration holds = answer->records.empty() ? options_.absence_ttl : std::min<core::duration>(answer->ttl, options_.ttl_max);
  list records = std::move(answer->records);
  cache_.put(key, records, now + holds, now);
  done.push(std::move(records));
}

core::result<dns_answer<asio::ip::address>> cached_resolver::addresses_of(const ares_addrinfo* answer) {
  dns_answer<asio::ip::address> out;
  if (answer == nullptr || answer->nodes == nullptr) return out;
  out.ttl = std::chrono::hours(24);
  for (const auto* n = answer->nodes; n != nullptr && out.records.size() < resolved_max; n = n->ai_next) {
    const auto a = address_of(n->ai_addr);
    if (!a || std::ranges::find(out.records, *a) != out.records.end()) continue;
    out.records.push_back(*a);
    out.ttl = std::min(out.ttl, std::chrono::seconds(std::max(n->ai_ttl, 0)));
  }
  return out;
}

}  // namespace

core::result<std::unique_ptr<resolver>> resolver::create(core::environment& env, resolver_options o) {
  auto out = std::make_unique<cached_resolver>(env, o);
  if (auto opened = out->open(); !opened) return core::fail(opened.error());
  return out;
}

std::unique_ptr<resolver> resolver::none(core::environment& env) {
  auto out = std::make_unique<cached_resolver>(env, resolver_options());
  out->stop();
  return out;
}

}  // namespace phyllo::transport
