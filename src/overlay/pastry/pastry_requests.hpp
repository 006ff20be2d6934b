// What others ask of this node: Join, Leave, Update and RouteQuery (RFC 6940 s.6.4.2; specification of the Pastry plug-in, bodies).
#pragma once

#include <vector>

#include "pastry/pastry_knowledge.hpp"
#include "pastry/pastry_views.hpp"

namespace phyllo::overlay {

// All outlive it.
struct request_parts : topology_parts {
  own_state& own;
  ring_view& ring;
  leaf_set_admission& admission;
  pastry_failures& failures;
  table_filling& table;
  pastry_membership& membership;
  pastry_views& views;
  const pastry_knowledge& knowledge;
  topology_observer& up;
};

class pastry_requests {
 public:
  explicit pastry_requests(const request_parts& parts) : parts_(parts) {}

  // As topology_plugin has them.
  void on_join(const received_request& r);
  void on_leave(const received_request& r);
  void on_update(const received_request& r);
  void on_route_query(received_request r);
  void refuse_client(const received_request& r);

  void send_tables(const destination_list& to);  // all that this node would route by: leaf set and routing table
  void expire_grants(core::time_point now);      // those whose time is over have no place here any more

 private:
  [[nodiscard]] bool counts(const received_request& r);
  void on_probe(const received_request& r, const route_query_request& q);
  [[nodiscard]] std::vector<signed_grant> grant(const node_id& joiner, const leaf_set_state& s);  // what it is given: one, or none

  request_parts parts_;
  token_bucket update_rate_{20, 40};  // tables that others have it send
};

}  // namespace phyllo::overlay
