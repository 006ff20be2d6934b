#include "phyllo/sip/proxy_location.hpp"

#include <fmt/format.h>

#include "phyllo/core/backoff.hpp"
#include "phyllo/overlay/errc.hpp"

namespace phyllo::sip {
namespace {

constexpr std::chrono::seconds location_lifetime{600};  // a node that died is not asked for longer
constexpr auto withdrawn_within = std::chrono::seconds(1);

overlay::location location_of(const proxy_place& at) {
  overlay::location l;
  l.node_ip = at.address;
  l.node = at.node;
  if (at.sip != 0) l.transports = {fmt::format("UDP{}", at.sip), fmt::format("TCP{}", at.sip)};
  if (at.sips != 0) l.transports.push_back(fmt::format("TLS{}", at.sips));
  return l;
}

}  // namespace

proxy_location::proxy_location(core::environment& env, overlay::overlay& overlay, std::vector<std::string> domains, const proxy_place& at,
                               core::logger log)
    : env_(env), overlay_(overlay), domains_(std::move(domains)), location_(location_of(at)), log_(std::move(log)), wanted_(env, 1) {}

overlay::record proxy_location::record_of(const std::string& domain) const {
  overlay::record r;
  r.name = overlay::name{"proxy location", domain};
  r.lifetime_s = static_cast<std::uint32_t>(location_lifetime.count());
  r.locations = {location_};
  return r;
}

core::awaitable<bool> proxy_location::publish() {
  bool all = true;
  const std::string only;
  for (const auto& domain : domains_) {
    auto record = record_of(domain);
    const auto name = record.name;
    const overlay::write_options write;
    const auto stored = co_await overlay_.update(only, name, std::move(record), location_lifetime, write);
    // A dictionary holds 32 entries: with more proxies than that some are enough.
    if (stored || stored.error() == overlay::errc::quota_exceeded) continue;
    all = false;
    if (stored.error() == overlay::errc::forbidden) continue;  // no authority: the node is not ready, and says why
    log_.warning("proxy location of {}: {}", domain, stored.error().message());
  }
  co_return all;
}

core::awaitable<void> proxy_location::run() {
  core::backoff pause(env_, std::chrono::seconds(1));
  while (true) {  // ends by cancellation
    const bool stored = co_await publish();
    if (stored) pause.reset();
    core::duration span = location_lifetime / 2;
    if (!stored) span = pause.next();
    (void)co_await wanted_.receive(env_.now() + span);
  }
}

core::awaitable<void> proxy_location::withdraw() {
  const std::string only;
  overlay::write_options write;
  write.timeout = withdrawn_within;
  for (const auto& domain : domains_) {
    const overlay::name name{"proxy location", domain};
    co_await overlay_.remove(only, name, write);
  }
}

}  // namespace phyllo::sip
