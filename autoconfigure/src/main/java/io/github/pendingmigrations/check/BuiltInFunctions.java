package io.github.pendingmigrations.check;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Functions that come with the databases, or with widespread extensions, and that change
 * nothing but what is named: sequences, settings of the session, advisory locks.
 */
final class BuiltInFunctions {

	/** The same for every row of a statement. */
	private static final Set<String> STABLE = words("""
			now current_timestamp current_date current_time localtime localtimestamp transaction_timestamp
			statement_timestamp current_user session_user user current_schema current_database current_setting
			lower upper initcap length char_length trim btrim ltrim rtrim replace concat concat_ws substring substr left
			right lpad rpad md5 sha256 abs ceil ceiling floor round trunc sign mod power sqrt coalesce nullif greatest
			least to_char to_date to_timestamp to_number date_trunc date_part extract timezone make_date make_time
			make_timestamp make_timestamptz make_interval age cast convert array_fill array_append json_build_object
			jsonb_build_object json_build_array jsonb_build_array to_json to_jsonb json_object json_array
			array_to_json row_to_json int4range int8range numrange tsrange tstzrange daterange point box st_geomfromtext
			st_setsrid st_makepoint to_tsvector date timestamp time interval encode decode curdate curtime
			utc_timestamp unix_timestamp from_unixtime str_to_date hex unhex numeric text int4 int8 float8 bool
			varchar integer bigint decimal char uuid_nil get_bit decode_json parsedatetime formatdatetime
			""");

	private static final Set<String> WITHOUT_ARGUMENTS = words("""
			now transaction_timestamp statement_timestamp current_user session_user user current_database
			""");

	private static final Set<String> KNOWN = words(
			"""
					nextval setval currval lastval set_config pg_advisory_lock pg_advisory_xact_lock pg_advisory_unlock
					pg_advisory_unlock_all pg_try_advisory_lock pg_try_advisory_xact_lock pg_sleep get_lock release_lock sleep
					random setseed gen_random_uuid gen_random_bytes uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3
					uuid_generate_v4 uuid_generate_v5 uuidv4 uuidv7 uuid uuid_short uuid_to_bin bin_to_uuid random_uuid rand
					crypt gen_salt digest hmac clock_timestamp timeofday pg_get_serial_sequence pg_typeof pg_relation_size
					pg_total_relation_size pg_size_pretty pg_backend_pid version to_regclass to_regtype to_regproc
					has_table_privilege has_column_privilege has_schema_privilege has_database_privilege pg_has_role
					col_description obj_description shobj_description format quote_ident quote_literal quote_nullable
					pg_get_constraintdef pg_get_viewdef pg_get_indexdef pg_get_functiondef pg_get_expr pg_table_is_visible
					count sum avg min max every bool_and bool_or bit_and bit_or array_agg string_agg group_concat json_agg
					jsonb_agg json_object_agg jsonb_object_agg json_arrayagg json_objectagg listagg stddev stddev_pop
					stddev_samp variance var_pop var_samp corr percentile_cont percentile_disc mode grouping any_value
					row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
					generate_series generate_subscripts unnest array_length array_upper array_lower array_position
					array_positions array_remove array_replace array_cat array_prepend array_to_string string_to_array
					string_to_table array_ndims cardinality regexp_replace regexp_match regexp_matches regexp_split_to_table
					regexp_split_to_array regexp_like regexp_substr regexp_instr regexp_count split_part strpos position
					overlay translate repeat reverse ascii chr starts_with octet_length bit_length instr locate find_in_set
					field elt insert space strcmp soundex levenshtein similarity unaccent quote lcase ucase mid to_hex to_bin
					exp ln log log2 log10 pi sin cos tan asin acos atan atan2 cot degrees radians div cbrt gcd lcm
					width_bucket factorial truncate crc32 conv bin oct sha1 sha2 sha224 sha384 sha512 hash aes_encrypt
					aes_decrypt to_base64 from_base64 compress uncompress
					json_extract json_unquote json_set json_insert json_replace json_remove json_contains json_contains_path
					json_keys json_length json_type json_valid json_merge json_merge_patch json_merge_preserve json_search
					json_array_append json_quote json_value json_query json_exists json_table json_each json_each_text
					json_array_elements json_array_elements_text json_array_length json_extract_path json_extract_path_text
					json_object_keys json_populate_record json_to_record json_to_recordset json_typeof json_strip_nulls
					jsonb_set jsonb_insert jsonb_each jsonb_each_text jsonb_array_elements jsonb_array_elements_text
					jsonb_array_length jsonb_extract_path jsonb_extract_path_text jsonb_object_keys jsonb_populate_record
					jsonb_to_record jsonb_to_recordset jsonb_typeof jsonb_strip_nulls jsonb_pretty jsonb_path_query
					jsonb_path_exists jsonb_path_query_array jsonb_concat jsonb hstore xmlelement xmlforest xpath
					date_add date_sub adddate subdate datediff dateadd timediff timestampadd timestampdiff date_format
					time_format dayofmonth dayofweek dayofyear day month year hour minute second quarter week weekday yearweek
					last_day makedate maketime sysdate getdate sec_to_time time_to_sec to_days from_days microsecond isfinite
					justify_days justify_hours justify_interval to_seconds add_months months_between
					if ifnull isnull nvl nvl2 decode casewhen iif last_insert_id row_count found_rows connection_id database
					schema charset collation inet_aton inet_ntoa inet6_aton host network masklen family
					lower_inc upper_inc isempty lower_inf upper_inf range_merge num_nulls num_nonnulls
					plainto_tsquery to_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_headline setweight tsvector_concat
					st_point st_astext st_asgeojson st_geomfromgeojson st_transform st_distance st_within st_contains
					st_intersects st_x st_y st_buffer st_area st_length st_centroid st_geogfromtext geomfromtext
					pg_notify pg_current_xact_id txid_current pg_current_wal_lsn pg_is_in_recovery inet_server_addr
					jsonb_path_query_first jsonb_path_match jsonb_set_lax jsonb_object jsonb_populate_recordset
					json_pretty json_overlaps json_depth json_storage_size json_compact json_detailed json_array_insert
					json_schema_valid substring_index export_set make_set period_add period_diff addtime subtime convert_tz
					bit_count is_uuid is_ipv4 is_ipv6 inet6_ntoa ord random_bytes character_length utc_date get_format
					weight_string name_const natural_sort_key sformat dayname monthname array_dims array_sample
					array_shuffle array_sort array_get array_slice trim_array trim_scale scale min_scale erf gamma get_byte
					set_byte convert_from convert_to parse_ident inet_client_addr date_bin pg_column_size pg_database_size
					int8multirange range_agg ts_rank_cd normalize unistr xmlagg xpath_exists xmltext
					st_srid st_latitude st_longitude st_distance_sphere st_asewkt st_multi st_union st_collect st_makevalid
					st_isvalid word_similarity encrypt decrypt pgp_sym_encrypt pgp_sym_decrypt akeys avals ltree subpath
					nlevel secure_rand day_of_week orahash stringencode stringdecode utf8tostring stringtoutf8 bitand bitor
					bitxor session_id values tablelength system_range identity scope_identity
					""");

	private BuiltInFunctions() {
	}

	/**
	 * Return whether a function is known to change nothing.
	 * @param name its name, in upper case
	 * @return {@code true} if it is
	 */
	static boolean isKnown(String name) {
		return KNOWN.contains(name) || STABLE.contains(name);
	}

	/**
	 * Return whether a function gives the same value for all rows of a statement.
	 * @param name its name, in upper case
	 * @return {@code true} if it does
	 */
	static boolean isStable(String name) {
		return STABLE.contains(name);
	}

	/**
	 * Return whether a function takes no arguments.
	 * @param name its name, in upper case
	 * @return {@code true} if it takes none
	 */
	static boolean hasNoArguments(String name) {
		return WITHOUT_ARGUMENTS.contains(name);
	}

	private static Set<String> words(String text) {
		return new HashSet<>(Arrays.asList(text.toUpperCase(Locale.ROOT).trim().split("\\s+")));
	}

}
