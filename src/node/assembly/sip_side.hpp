// The SIP side of a node of one overlay: the service for phones with what it is told by other parts, the record by which other proxies find
// the node, and the phones that are kept for its next start. Before the node is in the ring there is nobody to serve.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "assembly/document_keeper.hpp"
#include "assembly/domain_key_keeper.hpp"
#include "assembly/known_supernodes.hpp"
#include "assembly/secret_cache.hpp"
#include "assembly/sip_fronts.hpp"
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

class node_ports;

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
    node_ports& ports;
    const document_keeper& document;
    std::shared_ptr<const identity::credential> credential;
  };
  // References outlive it.
  sip_side(core::environment& env, const configuration& c, const node_shards& shards, core::metrics& m, core::logger log)
      : env_(env), configuration_(c), shards_(shards), metrics_(m), log_(std::move(log)) {}

  core::status read_anchors();  // sip.anchors; errors as those of read_anchors() in web_files.hpp
  // Serves from now on, as sip.enabled says. `web_chain`: PEM of the web certificate, whose names the node is called by.
  core::awaitable<void> open(ground g, std::string web_chain);
  void take_credential(std::shared_ptr<const identity::credential> own);
  void take_settings(const std::string& web_chain);  // of a configuration that has changed

  // From the host, and web_site.
  void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) override;
  void on_stream(std::unique_ptr<transport::stream> s) override;
  void on_websocket(std::unique_ptr<transport::websocket> w);

  void withdraw(const std::unordered_set<identity::node_id>& revoked);  // users whom the list names by a hash
  void publish_place();                                                 // now, instead of when it is due
  [[nodiscard]] sip::service_status status() const;                     // of all shards
  [[nodiscard]] std::map<std::string, std::uint64_t> drops_of_fronts() const;
  [[nodiscard]] std::vector<sip::service_status> of_shards() const;  // of each; empty: there is one

  core::awaitable<void> keep_place();     // the node's record; these two end by cancellation, or at once where there is nothing to keep
  core::awaitable<void> keep_bindings();  // every 2 s
  core::awaitable<void> keep_bindings_now();
  core::awaitable<void> keep_fronts();  // what the other shards know of the node's trust and ring; ends by cancellation, or at once
  core::awaitable<void> drain(core::time_point deadline);
  core::awaitable<void> stop();  // before destruction

 private:
  void open_service(sip::service_options options);
  core::awaitable<bool> open_fronts(const sip::service_options& options);
  [[nodiscard]] sip_front::settings settings_of_fronts(const sip::service_options& options);
  [[nodiscard]] trust_state trust_now() const;
  void begin_fronts(const transport::steering& by);
  void tell_trust();

  core::environment& env_;
  const configuration& configuration_;
  node_shards shards_;
  core::metrics& metrics_;
  core::logger log_;
  std::vector<std::string> anchors_;  // PEM
  std::optional<ground> ground_;      // once it is open
  std::unique_ptr<secret_cache> secrets_;
  std::unique_ptr<known_supernodes> known_supernodes_;
  std::unique_ptr<sip_fronts> fronts_;  // null: one shard serves
  std::unique_ptr<sip::service> service_;
  std::optional<sip::proxy_location> place_;
  std::pair<std::uint64_t, std::uint16_t> trust_told_{};  // numbers of the revocation list and the document that the fronts have
  std::shared_ptr<const std::set<asio::ip::address>> supernodes_told_;
  bool bindings_lost_ = false;  // the last change is not in their file
};

}  // namespace phyllo::node
