#include "assembly/place_search.hpp"

#include "assembly/enrollment.hpp"
#include "assembly/ring_search.hpp"
#include "files/known_peers.hpp"

namespace phyllo::node {
namespace {

constexpr auto list_within = std::chrono::seconds(3);
constexpr auto local_answers_within = std::chrono::milliseconds(300);

std::vector<transport::endpoint> endpoints_of(const std::vector<identity::bootstrap_node>& nodes) {
  std::vector<transport::endpoint> out;
  for (const auto& n : nodes) {
    asio::error_code not_an_address;
    const auto address = asio::ip::make_address(n.address, not_an_address);
    if (!not_an_address) out.push_back({address, n.port});
  }
  return out;
}

}  // namespace

void place_search::open_discovery(transport::local_discovery::own_source own) {
  if (!parts_.settings.discovery.multicast) return;
  transport::local_discovery_options o;
  o.address = asio::ip::make_address(parts_.settings.node.address);
  o.overlay = parts_.settings.overlay.name;
  auto opened = transport::local_discovery::open(parts_.env, std::move(o), std::move(own), parts_.metrics);
  if (!opened) return log_.info("no discovery on the local network: {}", opened.error().message());
  discovery_ = std::move(*opened);
}

core::awaitable<void> place_search::stop() {
  if (discovery_) co_await discovery_->stop();
}

// Those that a bootstrap server has links to.
core::awaitable<std::vector<transport::endpoint>> place_search::listed() {
  const auto urls = parts_.settings.bootstrap.urls;  // a reload may change them meanwhile
  for (const auto& url : urls) {
    auto options = client_options_of(parts_.settings, parts_.clock.listener());
    if (!options) break;
    const auto list =
        co_await enrollment::fetch_supernodes(parts_.env, std::move(*options), url, parts_.trust, parts_.env.now() + list_within);
    if (list) co_return endpoints_of(list->nodes);
    log_.debug("{}", list.error().message());
  }
  co_return std::vector<transport::endpoint>();
}

core::awaitable<std::vector<transport::endpoint>> place_search::find(bool ask_for_lists) {
  places_said said;
  said.document = endpoints_of(parts_.document.in_force().content.bootstrap_nodes);
  said.remembered = load_known_peers(parts_.settings);
  if (discovery_) said.discovered = co_await discovery_->ask(local_answers_within);
  if (ask_for_lists) said.listed = co_await listed();
  co_return places_to_try(said, own_endpoint(parts_.settings));
}

}  // namespace phyllo::node
