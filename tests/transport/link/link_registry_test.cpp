#include "transport/link/link_registry.hpp"

#include <doctest.h>

#include "link/memory_carrier.hpp"
#include "support/run.hpp"
#include "transport/link/framed_link.hpp"

namespace link_registry_test {

using namespace phyllo;
using transport::framed_link;
using transport::link_kind;

namespace {

struct registered {
  testing::real_world world;
  testing::small_overlay overlay;
  core::metrics metrics;
  std::shared_ptr<transport::link_registry> links =
      std::make_shared<transport::link_registry>(*world.env, metrics, std::chrono::seconds(60));
  std::shared_ptr<const identity::credential> first = overlay.credential(1);
  std::shared_ptr<const identity::credential> second = overlay.credential(2);

  std::shared_ptr<framed_link> link_to(const std::shared_ptr<const identity::credential>& peer, link_kind kind = link_kind::dtls) {
    auto l = std::make_shared<framed_link>(links, std::make_shared<testing::memory_carrier>(peer, kind), std::nullopt);
    l->start();
    return l;
  }
  [[nodiscard]] bool says(const std::string& line) const { return metrics.text().find(line + "\n") != std::string::npos; }
};

}  // namespace

TEST_CASE("links are counted by their transport while they are open") {
  registered r;
  const auto over_dtls = r.link_to(r.first);
  const auto over_tls = r.link_to(r.second, link_kind::tls);
  CHECK(r.links->size() == 2);
  CHECK(r.says("phyllo_links{transport=\"dtls\"} 1"));
  CHECK(r.says("phyllo_links{transport=\"tls\"} 1"));
  over_dtls->close();
  CHECK(r.links->size() == 1);
  CHECK(r.says("phyllo_links{transport=\"dtls\"} 0"));
  r.links->remove(over_dtls.get(), link_kind::dtls);  // it is there no more
  CHECK(r.links->size() == 1);
  CHECK(r.says("phyllo_links{transport=\"dtls\"} 0"));
  r.links->close_all();
  CHECK(r.links->size() == 0);
  CHECK_FALSE(over_tls->open());
  CHECK(r.says("phyllo_links{transport=\"tls\"} 0"));
}

TEST_CASE("of more links to one node than two that dial at once may have, the oldest is closed, and no other node's") {
  registered r;
  const auto of_another = r.link_to(r.second);
  std::vector<std::shared_ptr<framed_link>> all;
  for (std::size_t i = 0; i < transport::link_registry::links_of_node_max; ++i) all.push_back(r.link_to(r.first));
  CHECK(r.metrics.drops().empty());
  for (const auto& l : all) CHECK(l->open());
  all.push_back(r.link_to(r.first));
  CHECK(r.metrics.drops().at("links_of_node") == 1);
  CHECK_FALSE(all[0]->open());
  for (std::size_t i = 1; i < all.size(); ++i) CHECK(all[i]->open());
  CHECK(of_another->open());
  CHECK(r.links->size() == transport::link_registry::links_of_node_max + 1);
}

TEST_CASE("a link is found by its token and its peer, if its peer has dialled it") {
  registered r;
  const auto accepted = r.link_to(r.first);
  const transport::link_token token{};  // which memory carriers have
  CHECK(r.links->find(token, testing::numbered(1)) == accepted);
  CHECK(r.links->find(token, testing::numbered(2)) == nullptr);
  auto other_token = token;
  other_token.front() = static_cast<std::uint8_t>(1);
  CHECK(r.links->find(other_token, testing::numbered(1)) == nullptr);
  accepted->mark_dialled([] {});
  CHECK(r.links->find(token, testing::numbered(1)) == nullptr);
}

}  // namespace link_registry_test
