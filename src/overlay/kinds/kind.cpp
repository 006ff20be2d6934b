#include "kinds/kind.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "kinds/turn_server.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::size_t answer_room = 48 * 1024;
constexpr std::size_t certificate_size_max = 4096;

constexpr std::array<kind, 6> table{{
    resource_kind,
    {.id = kind_number::sip_registration,
     .model = data_model::dictionary,
     .policy = write_policy::user_node_match,
     .count_max = 32,
     .size_max = 4096,
     .total_max = answer_room},
    {.id = kind_number::turn_service,
     .model = data_model::single,
     .policy = write_policy::node_multiple,
     .count_max = 1,
     .size_max = 64,
     .total_max = 1024,
     .iterations_max = turn_iterations_max},
    {.id = kind_number::certificate_by_node,
     .model = data_model::array,
     .policy = write_policy::node_match,
     .count_max = 4,
     .size_max = certificate_size_max,
     .total_max = answer_room / 2},
    {.id = kind_number::certificate_by_user,
     .model = data_model::array,
     .policy = write_policy::user_match,
     .count_max = 32,
     .size_max = certificate_size_max,
     .total_max = answer_room / 2},
    // As many providers of one service in one tree node as an answer has room for certificates.
    {.id = kind_number::redir,
     .model = data_model::dictionary,
     .policy = write_policy::node_id_match,
     .count_max = 48,
     .size_max = 1024,
     .total_max = answer_room / 3},
}};

std::optional<data_model> model_named(std::string_view name) {
  if (name == "SINGLE") return data_model::single;
  if (name == "ARRAY") return data_model::array;
  if (name == "DICTIONARY") return data_model::dictionary;
  return std::nullopt;
}

std::optional<write_policy> policy_named(std::string_view name) {
  if (name == "USER-MATCH") return write_policy::user_match;
  if (name == "NODE-MATCH") return write_policy::node_match;
  if (name == "USER-NODE-MATCH") return write_policy::user_node_match;
  if (name == "NODE-MULTIPLE") return write_policy::node_multiple;
  return std::nullopt;  // PHYLLO-OWNER and NODE-ID-MATCH judge values of their own Kinds only
}

std::optional<kind> private_kind(const identity::kind_definition& d) {
  const auto model = model_named(d.data_model);
  const auto policy = policy_named(d.access_control);
  if (!model || !policy) return std::nullopt;
  // "may be used only with dictionary types"; "the maximum value of i MUST be specified in the Kind definition".
  if (*policy == write_policy::user_node_match && *model != data_model::dictionary) return std::nullopt;
  if (*policy == write_policy::node_multiple && (d.max_node_multiple == 0 || d.max_node_multiple > 255)) return std::nullopt;
  kind k{.id = d.id, .model = *model, .policy = *policy, .count_max = d.max_count, .size_max = d.max_size, .total_max = answer_room};
  k.iterations_max = static_cast<std::uint8_t>(d.max_node_multiple);
  return k;
}

}  // namespace

kind_table known_kinds() noexcept { return table; }

std::vector<kind> kinds_of(const std::vector<identity::kind_definition>& required) {
  std::vector<kind> out(table.begin(), table.end());
  for (const auto& d : required) {
    const auto at = std::ranges::find(out, d.id, &kind::id);
    if (at != out.end()) {
      at->count_max = at->model == data_model::single ? 1 : d.max_count;
      at->size_max = d.max_size;
    } else if (const auto k = private_kind(d)) {
      out.push_back(*k);
    }
  }
  return out;
}

std::vector<kind> kinds_of(const std::vector<identity::kind_definition>& required, std::string_view overlay_name, domain_rules& rules,
                           resource_hash hash) {
  auto out = kinds_of(required);
  for (auto& k : out) k.hash = hash;
  for (const auto& d : required) {
    if (d.id != kind_number::sip_registration || !d.domains) continue;
    const auto at = std::ranges::find(out, d.id, &kind::id);
    if (at != out.end()) at->domains = &rules.keep(*d.domains, overlay_name);
  }
  return out;
}

bool can_serve(const identity::kind_definition& d) { return find_kind(table, d.id) != nullptr || private_kind(d).has_value(); }

const kind* find_kind(kind_table kinds, kind_id id) noexcept {
  const auto at = std::ranges::find(kinds, id, &kind::id);
  return at == kinds.end() ? nullptr : &*at;
}

}  // namespace phyllo::overlay
