#include "reload/message_codes.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace phyllo::overlay {
namespace {

constexpr std::array<std::pair<std::uint16_t, std::string_view>, 14> code_names{{
    {code::probe_req, "probe"},
    {code::attach_req, "attach"},
    {code::store_req, "store"},
    {code::fetch_req, "fetch"},
    {code::find_req, "find"},
    {code::join_req, "join"},
    {code::leave_req, "leave"},
    {code::update_req, "update"},
    {code::route_query_req, "route_query"},
    {code::ping_req, "ping"},
    {code::stat_req, "stat"},
    {code::app_attach_req, "app_attach"},
    {code::config_update_req, "config_update"},
    {code::path_track_req, "path_track"},
}};

constexpr std::array<std::pair<std::uint16_t, std::string_view>, 23> error_names{{
    {error_code::forbidden, "Error_Forbidden"},
    {error_code::not_found, "Error_Not_Found"},
    {error_code::request_timeout, "Error_Request_Timeout"},
    {error_code::generation_counter_too_low, "Error_Generation_Counter_Too_Low"},
    {error_code::incompatible_with_overlay, "Error_Incompatible_with_Overlay"},
    {error_code::unsupported_forwarding_option, "Error_Unsupported_Forwarding_Option"},
    {error_code::data_too_large, "Error_Data_Too_Large"},
    {error_code::data_too_old, "Error_Data_Too_Old"},
    {error_code::ttl_exceeded, "Error_TTL_Exceeded"},
    {error_code::message_too_large, "Error_Message_Too_Large"},
    {error_code::unknown_kind, "Error_Unknown_Kind"},
    {error_code::unknown_extension, "Error_Unknown_Extension"},
    {error_code::response_too_large, "Error_Response_Too_Large"},
    {error_code::config_too_old, "Error_Config_Too_Old"},
    {error_code::config_too_new, "Error_Config_Too_New"},
    {error_code::in_progress, "Error_In_Progress"},
    {error_code::invalid_message, "Error_Invalid_Message"},
    {error_code::underlay_destination_unreachable, "Error_Underlay_Destination_Unreachable"},
    {error_code::underlay_time_exceeded, "Error_Underlay_Time_Exceeded"},
    {error_code::message_expired, "Error_Message_Expired"},
    {error_code::upstream_misrouting, "Error_Upstream_Misrouting"},
    {error_code::loop_detected, "Error_Loop_Detected"},
    {error_code::ttl_hops_exceeded, "Error_TTL_Hops_Exceeded"},
}};

}  // namespace

std::string code_name(std::uint16_t c) {
  if (c == code::error) return "error";
  const auto request = static_cast<std::uint16_t>(c % 2 == 1 ? c : c - 1);
  for (const auto& [value, name] : code_names) {
    if (value == request) return std::string(name) + (c == request ? "_req" : "_ans");
  }
  return "other";
}

std::string error_name(std::uint16_t e) {
  for (const auto& [value, name] : error_names) {
    if (value == e) return std::string(name);
  }
  return "error " + std::to_string(e);
}

}  // namespace phyllo::overlay
