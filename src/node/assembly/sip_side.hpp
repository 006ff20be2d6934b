// The SIP side of a node of one overlay: the service for phones with what it is told by other parts, the record by which other proxies find
// the node, and the phones that are kept for its next start. Before the node is in the ring there is nobody to serve.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "assembly/domain_key_keeper.hpp"
#include "assembly/known_supernodes.hpp"
#include "assembly/secret_cache.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/overlay/peer.hpp"
#include "phyllo/sip/proxy_location.hpp"
#include "phyllo/sip/service.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::node {

class sip_side final : public transport::datagram_service, public transport::stream_service {
 public:
  // What it stands on once the node is in the ring; all outlive it.
  struct ground {
    transport::host& host;
    overlay::peer& peer;
    const identity::trust& trust;
    domain_key_keeper& keys;
    enrollment::accounts* accounts;  // null: not the login server
    identity::node_id self;
  };
  // References outlive it.
  sip_side(core::environment& env, const configuration& c, core::metrics& m, core::logger log)
      : env_(env), configuration_(c), metrics_(m), log_(std::move(log)) {}

  core::status read_anchors();  // sip.anchors; errors as those of read_anchors() in web_files.hpp
  // Serves from now on, as sip.enabled says. `web_chain`: PEM of the web certificate, whose names the node is called by.
  void open(const ground& g, const std::string& web_chain);
  void take_settings(const std::string& web_chain);  // of a configuration that has changed

  // From the host, and web_site.
  void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) override;
  void on_stream(std::unique_ptr<transport::stream> s) override;
  void on_websocket(std::unique_ptr<transport::websocket> w);

  void withdraw(const std::unordered_set<identity::node_id>& revoked);  // users whom the list names by a hash
  void publish_place();                                                 // now, instead of when it is due
  [[nodiscard]] sip::service_status status() const;

  core::awaitable<void> keep_place();     // the node's record; these two end by cancellation, or at once where there is nothing to keep
  core::awaitable<void> keep_bindings();  // every 2 s
  void keep_bindings_now();
  core::awaitable<void> drain(core::time_point deadline);
  core::awaitable<void> stop();  // before destruction

 private:
  void open_service(const ground& g, const std::string& web_chain);

  core::environment& env_;
  const configuration& configuration_;
  core::metrics& metrics_;
  core::logger log_;
  std::vector<std::string> anchors_;  // PEM
  std::unique_ptr<secret_cache> secrets_;
  std::unique_ptr<known_supernodes> known_supernodes_;
  std::unique_ptr<sip::service> service_;
  std::optional<sip::proxy_location> place_;
  bool bindings_lost_ = false;  // the last change is not in their file
};

}  // namespace phyllo::node
