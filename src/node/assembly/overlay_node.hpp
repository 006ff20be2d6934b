// A node of one overlay: the tiers wired together by constructors. A supernode has one for each overlay that it is part of.
// Members stand in the order of their making: what is below may refer to what is above.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "admin/admin.hpp"
#include "admin/node_gauges.hpp"
#include "admin/node_status.hpp"
#include "admin/web_site.hpp"
#include "assembly/certificate_keeper.hpp"
#include "assembly/domain_key_keeper.hpp"
#include "assembly/enrolment.hpp"
#include "assembly/health_probe.hpp"
#include "assembly/known_supernodes.hpp"
#include "assembly/reload.hpp"
#include "assembly/secret_cache.hpp"
#include "files/directory_lock.hpp"
#include "files/disk_watch.hpp"
#include "files/key_log.hpp"
#include "files/known_members.hpp"
#include "files/pcap.hpp"
#include "files/record_log_file.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/enrollment/account_withdrawal.hpp"
#include "phyllo/enrollment/authority_duties.hpp"
#include "phyllo/enrollment/credential_publisher.hpp"
#include "phyllo/enrollment/login_server.hpp"
#include "phyllo/enrollment/overlay_authority.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/overlay/peer.hpp"
#include "phyllo/sip/proxy_location.hpp"
#include "phyllo/sip/service.hpp"
#include "phyllo/transport/host.hpp"
#include "phyllo/transport/local_discovery.hpp"

namespace phyllo::node {

class overlay_node final : private transport::host_observer {
 public:
  // What its owner hears.
  struct events {
    std::function<void()> joined;  // once: it is part of the ring, and peer() is there
    // Of a joined node: why it is not ready; nothing: it is.
    std::function<void(const std::optional<std::string>& why)> readiness;
    // It is enrolled as another node, which is on disk: this one is to be stopped, and another made in its place.
    std::function<void()> start_again;
    // The whole process is to end, because of this.
    std::function<void(const core::error& why)> end;
  };
  // `c` is of this overlay alone (configuration::of_overlay). References outlive it.
  overlay_node(core::environment& env, configuration c, core::metrics& metrics, core::logger log, events e);

  // As of supernode::open. After a failure, too, stop() is due.
  core::status open();

  core::awaitable<void> drain();
  core::awaitable<void> stop();
  reload_report take(fresh_settings f);  // into use, at once
  void reopen_files();                   // of debug: what comes from now on goes to files of their names
  // Of a node that joins in vain: it begins the ring from what it has. errc::refused.
  core::status form();
  // Of a login server: waits until the revocation list says what the accounts did at that change, and the leaf set has it. timed_out says
  // what is lacking; errc::refused: this node is no login server.
  core::awaitable<core::result<overlay::revocation_reach>> settle(std::int64_t change, core::time_point deadline);
  [[nodiscard]] bool joined() const { return state_ == node_state::ready; }
  [[nodiscard]] bool ready() const { return joined() && !lacks(); }
  [[nodiscard]] const configuration& settings() const noexcept { return configuration_; }
  [[nodiscard]] const std::string& overlay_id() const noexcept { return configuration_.overlay.name; }
  [[nodiscard]] overlay::peer* peer() { return joined() ? peer_.get() : nullptr; }  // that stays until stop(); null before it has joined
  [[nodiscard]] node_status status() const;
  [[nodiscard]] health healthz() const;
  void measure();  // sets what /metrics says of now

 private:
  // overlay_node.cpp
  core::status open_data_directory();
  core::status open_login_server();
  core::status open_host();
  void open_site();
  core::status open_pcap();
  void on_sip_datagram(const transport::endpoint& from, const transport::endpoint& to, core::byte_view data) override;
  void on_stream(transport::stream_protocol protocol, std::unique_ptr<transport::stream> s) override;
  void on_websocket(std::unique_ptr<transport::websocket> w);

  // overlay_node_start.cpp: from an open host to a ready node
  core::awaitable<void> start();
  void begin_duties();
  core::awaitable<identity::parsed_configuration> obtain_document();
  void publish(const identity::parsed_configuration& document);
  void open_keys();
  void make_peer(bool first);
  void make_services();
  void open_discovery();
  [[nodiscard]] std::optional<transport::local_discovery::own_place> own_place() const;

  // overlay_node_ring.cpp: finding the ring, and remembering it
  core::awaitable<void> join();
  core::awaitable<bool> starts_overlay();
  core::awaitable<std::vector<transport::endpoint>> places_of_others(bool ask_for_lists);
  core::awaitable<std::vector<transport::endpoint>> listed_supernodes();
  [[nodiscard]] std::string supernode_list();
  core::awaitable<void> keep_ring();
  core::awaitable<void> look_for_others();
  core::awaitable<void> look_for_supernodes();  // of an ordinary node
  [[nodiscard]] bool alone() const;             // ready, and no other node is in the ring
  [[nodiscard]] std::string waiting_reason(const overlay::peer_status& ring) const;

  // overlay_node_credential.cpp: its certificate, and what it needs to serve
  core::awaitable<identity::credential> obtain_credential();
  void keep_certificate();
  core::awaitable<core::result<identity::credential>> other_credential(identity::credential old, standing why);
  core::awaitable<void> use_credential(identity::credential fresh);
  core::awaitable<core::result<identity::domain_keyring>> fetch_keys();
  void rotate_for_bad_nodes();
  [[nodiscard]] std::optional<std::string> lacks() const;  // what it is configured to serve and can not
  core::awaitable<void> watch_readiness();

  // overlay_node_upkeep.cpp: what goes on while it runs
  core::awaitable<void> refresh_document();
  core::awaitable<void> keep_bindings();
  void keep_bindings_now();
  core::awaitable<void> flush_pcap();
  core::awaitable<void> leave(core::time_point deadline);

  // overlay_node_trust.cpp: the document and the revocation list, in force and on disk
  core::status adopt_first_document();
  [[nodiscard]] enrollment::time_listener time_listener();
  [[nodiscard]] std::string clock_by_server() const;
  void on_document(const identity::parsed_configuration& document);
  void load_kept_revocations();
  [[nodiscard]] bool cut_off() const;
  [[nodiscard]] std::string apart() const;
  core::awaitable<void> learn_revocations();
  core::awaitable<void> fetch_revocations();
  core::awaitable<void> keep_revocations();
  void save_kept_revocations();
  void on_revoked(const std::vector<identity::node_id>& keys);
  [[nodiscard]] std::string encoded_revocations();

  core::environment& env_;
  configuration configuration_;
  core::logger log_;
  core::metrics& metrics_;
  events events_;
  core::time_point started_;
  node_state state_ = node_state::joining;
  std::string waiting_for_ = "starting";
  node_gauges gauges_;
  std::string web_chain_;  // PEM of the web certificate in use
  std::unique_ptr<disk_watch> disk_;
  identity::trust trust_;
  std::unique_ptr<directory_lock> lock_;
  std::unique_ptr<pcap_writer> pcap_;
  std::unique_ptr<key_log> key_log_;
  std::unique_ptr<enrollment::accounts> accounts_;
  enrollment::authority_settings authority_settings_;  // of a login server
  std::optional<enrollment::overlay_authority> authority_;
  std::unique_ptr<enrollment::login_server> login_;
  std::unique_ptr<enrollment::bootstrap_server> bootstrap_;
  std::string listed_;  // its list of supernodes, and until when it is good enough
  core::time_point listed_until_{};
  std::unique_ptr<transport::host> host_;
  std::unique_ptr<transport::local_discovery> discovery_;  // null: switched off, or this machine can not
  std::unique_ptr<web_site> site_;
  std::optional<core::told_time> server_time_;  // as a server said it last
  std::optional<identity::parsed_configuration> document_;
  std::optional<identity::credential> enrolled_;
  std::shared_ptr<identity::credential> credential_;  // the peer signs with it; a renewed certificate is assigned to it
  std::unique_ptr<certificate_keeper> certificate_;
  std::unique_ptr<domain_key_keeper> keys_;
  core::time_point bad_nodes_looked_at_{};
  std::unique_ptr<record_log_file> records_;
  std::unique_ptr<overlay::peer> peer_;
  std::unique_ptr<secret_cache> secrets_;
  std::vector<std::string> sip_anchors_;
  std::unique_ptr<known_supernodes> known_supernodes_;
  std::unique_ptr<sip::service> sip_;
  bool bindings_lost_ = false;  // the last change is not in their file
  std::uint32_t incarnation_ = 0;
  std::unique_ptr<health_probe> health_;
  std::unique_ptr<sip::proxy_location> proxy_location_;
  std::unique_ptr<enrollment::credential_publisher> publisher_;
  std::unique_ptr<enrollment::account_withdrawal> withdrawal_;
  std::unique_ptr<enrollment::authority_duties> duties_;
  std::uint64_t kept_revocations_ = 0;  // number of the list on disk
  std::string encoded_revocations_;     // as it is served, and its number
  std::uint64_t encoded_number_ = 0;
  core::mailbox<bool> document_wanted_;  // now, instead of when it is due
  // Whom this node was in the ring with lately, as it is on disk. Nothing: it was in none, by what it knows.
  std::optional<std::vector<identity::node_id>> members_kept_;
  bool others_known_ = false;  // by their places
  bool meant_alone_ = false;   // it was told to form the ring
  core::mailbox<bool> ring_changed_;
  core::task_scope tasks_;
};

}  // namespace phyllo::node
